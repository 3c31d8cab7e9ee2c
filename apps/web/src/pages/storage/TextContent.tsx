import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Textarea from '@cloudscape-design/components/textarea'
import { ApiError } from '@synnefo/clients/http'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Where } from '../../cloud/files.ts'
import { fileText } from '../../cloud/files.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Failure } from '../../ui/Failure.tsx'
import { lastPart } from './places.ts'

/** What somebody writes, and which content of the file he began with. */
export interface Draft {
  text: string
  etag: string
  lineEnd: string
}

interface TextContentProps {
  where: Where
  name: string
  mayEdit: boolean
  /** Undefined while nothing is changed. */
  draft: Draft | undefined
  onDraft: (draft: Draft | undefined) => void
}

/** A text, to be read and changed in place. Somebody else's change in between is never overwritten unseen. */
export function TextContent({ where, name, mayEdit, draft, onDraft }: TextContentProps) {
  const { data, error, refetch } = useQuery(fileText(where, name))
  const save = useMutation({
    async mutationFn() {
      const { text, etag, lineEnd } = draft!
      await objectStore(where.account).writeContent(where.container, name, new Blob([text.replaceAll('\n', lineEnd)]), etag)
      await Promise.all([refetch(), changed('objects')])
    },
    onSuccess: () => onDraft(undefined),
  })
  if (error) return <Failure error={error} />
  if (data === undefined) return <Spinner />
  if (data.text === undefined) return <Alert type="info">This is no text in UTF-8. Download the file to look at it.</Alert>
  const outdated = save.error instanceof ApiError && save.error.status === 412
  const { text, etag, lineEnd } = data
  const change = (value: string) => {
    if (draft === undefined) onDraft({ text: value, etag, lineEnd })
    else onDraft(value === text && draft.etag === etag ? undefined : { ...draft, text: value })
  }
  return (
    <SpaceBetween size="s">
      <div className="text-content">
        <Textarea
          ariaLabel={`Content of ${lastPart(name)}`}
          rows={16}
          spellcheck={false}
          readOnly={!mayEdit || save.isPending} // what is written meanwhile would be discarded with the draft
          value={draft?.text ?? text ?? ''}
          onChange={({ detail }) => change(detail.value)}
        />
      </div>
      {outdated ? (
        <Alert
          type="warning"
          action={
            <Button
              onClick={async () => {
                await refetch()
                onDraft(undefined)
                save.reset()
              }}
            >
              Show it as it is now
            </Button>
          }
        >
          The file was changed meanwhile. What you wrote is still here: keep what you need of it before you look at the file
          again.
        </Alert>
      ) : (
        <Failure error={save.error} />
      )}
      {mayEdit && (
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="primary" disabled={draft === undefined} loading={save.isPending} onClick={() => save.mutate()}>
            Save text
          </Button>
          <Button disabled={draft === undefined || save.isPending} onClick={() => onDraft(undefined)}>
            Discard changes
          </Button>
        </SpaceBetween>
      )}
    </SpaceBetween>
  )
}
