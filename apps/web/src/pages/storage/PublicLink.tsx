import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import type { PublicLink as Link } from '@synnefo/clients/object-store'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { attached } from '../../cloud/files.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { When } from '../../ui/When.tsx'
import { downloadsProblem, draftOf, ENDS, limitsOf } from './link-limits.ts'

/** The address under which everybody can download a file, without signing in. */
export function PublicLink({ container, name }: { container: string; name: string }) {
  const { data: found, error } = useQuery(attached({ container }, name))
  const unpublish = useMutation({
    mutationFn: () => objectStore().unpublishObject(container, name),
    onSettled: () => changed('objects'),
  })
  if (error) return <Failure error={error} />
  if (found === undefined) return <Spinner />
  const { link } = found
  return (
    <SpaceBetween size="l">
      {link ? (
        <SpaceBetween size="m">
          <Facts
            facts={[
              ['Address', <CopyText key="address" label="the public address" text={link.url} />],
              ['Ends', link.expiresAt ? <When key="ends" at={link.expiresAt} /> : 'Never'],
              ['Downloads left', link.downloadsLeft?.toLocaleString() ?? 'Any number'],
              ['Password', link.hasPassword ? 'Asked for' : 'None'],
            ]}
          />
          <Button loading={unpublish.isPending} onClick={() => unpublish.mutate()}>
            Remove public link
          </Button>
          <Failure error={unpublish.error} />
        </SpaceBetween>
      ) : (
        <p className="soft">Everybody who has the link can download the file, without signing in. Nobody can change it.</p>
      )}
      {/* What is chosen starts over with another link. */}
      <Limits key={link?.url} container={container} name={name} link={link} />
    </SpaceBetween>
  )
}

function Limits({ container, name, link }: { container: string; name: string; link: Link | undefined }) {
  const [draft, setDraft] = useState(() => draftOf(link))
  const publish = useMutation({
    mutationFn: () => objectStore().publishObject(container, name, limitsOf(draft, link)),
    onSuccess: () =>
      setDraft((sent) => ({ ...sent, end: sent.end === 'never' ? 'never' : 'keep', password: '', noPassword: false })),
    onSettled: () => changed('objects'),
  })
  const ends = [...(link?.expiresAt ? [{ value: 'keep', label: 'As it is' }] : []), { value: 'never', label: 'Never' }, ...ENDS]
  const wrong = downloadsProblem(draft.downloads)
  const change = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part })
    publish.reset()
  }
  const unchanged = link !== undefined && Object.keys(limitsOf(draft, link)).length === 0
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!wrong && !unchanged) publish.mutate()
      }}
    >
      <SpaceBetween size="s">
        <FormField label="Link ends">
          <Select
            selectedOption={ends.find(({ value }) => value === draft.end) ?? ends[0]!}
            options={ends}
            expandToViewport
            onChange={({ detail }) => change({ end: detail.selectedOption.value ?? 'never' })}
          />
        </FormField>
        <FormField label="Number of downloads" constraintText="Empty: any number." errorText={wrong}>
          <Input
            inputMode="numeric"
            autoComplete={false}
            value={draft.downloads}
            onChange={({ detail }) => change({ downloads: detail.value })}
          />
        </FormField>
        <FormField label="Password of the link" constraintText={link?.hasPassword ? 'Empty: as it is.' : 'Empty: none.'}>
          <Input
            type="password"
            autoComplete="new-password"
            disabled={draft.noPassword}
            value={draft.password}
            onChange={({ detail }) => change({ password: detail.value })}
          />
        </FormField>
        {link?.hasPassword && (
          <Checkbox checked={draft.noPassword} onChange={({ detail }) => change({ noPassword: detail.checked })}>
            Ask for no password any more
          </Checkbox>
        )}
        <Failure error={publish.error} />
        <Box>
          <Button
            variant={link ? 'normal' : 'primary'}
            formAction="submit"
            loading={publish.isPending}
            disabled={wrong !== undefined || unchanged}
          >
            {link ? 'Change limits' : 'Make public link'}
          </Button>
        </Box>
      </SpaceBetween>
    </form>
  )
}
