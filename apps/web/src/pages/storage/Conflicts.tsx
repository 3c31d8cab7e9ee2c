import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import type { Row } from './rows.ts'
import type { ConflictChoice, OnConflict } from './transfers.ts'
import { labelRefusal, numbered } from './transfers.ts'

interface ConflictsProps {
  /** What is there already. */
  names: string[]
  /** What goes there. */
  rows: Row[]
  choice: ConflictChoice
  onChange: (choice: ConflictChoice) => void
}

const CHOICES: { value: OnConflict; label: string; description?: string }[] = [
  { value: 'number', label: 'Keep both, with a number added to the name' },
  { value: 'replace', label: 'Replace files that are there', description: 'Folders are merged.' },
]

/** Asks what to do with things whose names are taken where they go. */
export function Conflicts({ names, rows, choice, onChange }: ConflictsProps) {
  const only = rows.length === 1 ? rows[0] : undefined
  const { onConflict, label } = choice
  return (
    <>
      <Alert type="warning">
        <span className="breakable">
          There already: {names.slice(0, 5).join(', ')}
          {names.length > 5 ? ` and ${(names.length - 5).toLocaleString()} more` : ''}
        </span>
      </Alert>
      <RadioGroup
        ariaLabel="What to do with what is there already"
        value={onConflict}
        onChange={({ detail }) =>
          onChange({ onConflict: detail.value as OnConflict, label: label || (only ? numbered(only.label, 2) : '') })
        }
        items={[...CHOICES, ...(only ? [{ value: 'rename', label: 'Keep both, under another name' }] : [])]}
      />
      {onConflict === 'rename' && (
        <FormField label="New name" errorText={labelRefusal(label)}>
          <Input value={label} autoComplete={false} onChange={({ detail }) => onChange({ onConflict, label: detail.value })} />
        </FormField>
      )}
    </>
  )
}
