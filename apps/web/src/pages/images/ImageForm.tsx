import Autosuggest from '@cloudscape-design/components/autosuggest'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { me } from '../../cloud/queries.ts'
import type { ImageDraft } from './draft.ts'
import { DISK_FORMATS, OS_FAMILIES, SYSTEMS } from './draft.ts'
import './images.css'

interface ImageFormProps {
  draft: ImageDraft
  onChange: (draft: ImageDraft) => void
}

export function ImageForm({ draft, onChange }: ImageFormProps) {
  const text = (field: 'name' | 'description' | 'rootPartition' | 'users') => ({
    value: draft[field],
    onChange: ({ detail }: { detail: { value: string } }) => onChange({ ...draft, [field]: detail.value }),
  })
  const choice = (field: 'diskFormat' | 'osFamily', options: { value: string; label: string }[]) => ({
    options,
    selectedOption: options.find(({ value }) => value === draft[field]) ?? null,
    onChange: ({ detail }: { detail: { selectedOption: { value?: string } } }) =>
      onChange({ ...draft, [field]: detail.selectedOption.value ?? '' }),
  })
  return (
    <SpaceBetween size="l">
      <FormField label="Name" stretch>
        <Input {...text('name')} />
      </FormField>
      <FormField label="Description" stretch constraintText="Shown to those who choose an image.">
        <Input {...text('description')} />
      </FormField>
      <div className="image-fields">
        <FormField label="Operating system family">
          <Select {...choice('osFamily', OS_FAMILIES)} />
        </FormField>
        <FormField label="Operating system">
          <Autosuggest
            value={draft.os}
            options={SYSTEMS.map((value) => ({ value }))}
            enteredTextLabel={(value) => `Use “${value}”`}
            placeholder="debian"
            onChange={({ detail }) => onChange({ ...draft, os: detail.value })}
          />
        </FormField>
        <FormField label="What the file holds">
          <Select {...choice('diskFormat', DISK_FORMATS)} />
        </FormField>
        <FormField label="Root partition" constraintText="Its number; found by itself when left empty.">
          <Input inputMode="numeric" {...text('rootPartition')} />
        </FormField>
        <FormField label="Users" constraintText="Accounts that get the password and the keys, separated by spaces.">
          <Input {...text('users')} />
        </FormField>
      </div>
      {(me().roles.includes('admin') || draft.isPublic) && (
        <Checkbox
          checked={draft.isPublic}
          onChange={({ detail }) => onChange({ ...draft, isPublic: detail.checked })}
          description="Everybody with an account can read the file and create servers from it."
        >
          Public
        </Checkbox>
      )}
    </SpaceBetween>
  )
}
