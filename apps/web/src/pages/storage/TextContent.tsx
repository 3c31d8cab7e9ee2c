import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Textarea from '@cloudscape-design/components/textarea'
import { ApiError } from '@synnefo/clients/http'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { fileText } from '../../cloud/files.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Failure } from '../../ui/Failure.tsx'
import { lastPart } from './places.ts'

interface TextContentProps {
  where: Where
  name: string
  mayEdit: boolean
}

/** A text, to be read and changed in place. Somebody else's change in between is never overwritten unseen. */
export function TextContent({ where, name, mayEdit }: TextContentProps) {
  const { data, error, refetch } = useQuery(fileText(where, name))
  const [draft, setDraft] = useState<string>()
  const save = useMutation({
    async mutationFn() {
      const { etag, lineEnd } = data!
      const content = new Blob([(draft ?? '').replaceAll('\n', lineEnd)])
      await objectStore(where.account).writeContent(where.container, name, content, etag)
      await Promise.all([refetch(), changed('objects')])
    },
    onSuccess: () => setDraft(undefined),
  })
  if (error) return <Failure error={error} />
  if (data === undefined) return <Spinner />
  if (data.text === undefined) return <Alert type="info">This is no text in UTF-8. Download the file to look at it.</Alert>
  const outdated = save.error instanceof ApiError && save.error.status === 412
  const unchanged = draft === undefined || draft === data.text
  return (
    <SpaceBetween size="s">
      <div className="text-content">
        <Textarea
          ariaLabel={`Content of ${lastPart(name)}`}
          rows={16}
          spellcheck={false}
          readOnly={!mayEdit}
          value={draft ?? data.text}
          onChange={({ detail }) => setDraft(detail.value)}
        />
      </div>
      {outdated ? (
        <Alert
          type="warning"
          action={
            <Button
              onClick={async () => {
                await refetch()
                setDraft(undefined)
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
          <Button variant="primary" disabled={unchanged} loading={save.isPending} onClick={() => save.mutate()}>
            Save text
          </Button>
          <Button disabled={unchanged || save.isPending} onClick={() => setDraft(undefined)}>
            Discard changes
          </Button>
        </SpaceBetween>
      )}
    </SpaceBetween>
  )
}
