import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { objectStore } from '../../cloud/queries.ts'
import { lastPart } from './places.ts'
import type { FileRow, Preview } from './previews.ts'
import type { Draft } from './TextContent.tsx'
import { TextContent } from './TextContent.tsx'
import './storage.css'

interface FileContentProps {
  where: Where
  object: StoredObject
  kind: Preview
  mayEdit: boolean
  draft: Draft | undefined
  onDraft: (draft: Draft | undefined) => void
  neighbours: { previous?: FileRow; next?: FileRow }
  onNeighbour: ((row: FileRow) => void) | undefined
}

/** What is in a file, as far as a page can show it. */
export function FileContent(props: FileContentProps) {
  const { where, object, kind, mayEdit, draft, onDraft, neighbours, onNeighbour } = props
  const [broken, setBroken] = useState(false)
  if (kind === 'text') return <TextContent where={where} name={object.name} mayEdit={mayEdit} draft={draft} onDraft={onDraft} />
  // Another version is another address: nothing old is shown from a cache.
  const url = objectStore(where.account).contentUrl(where.container, object.name, object.x_object_version)
  const label = lastPart(object.name)
  const unseen = <Alert type="info">This browser cannot show the file. Download it to look at it.</Alert>
  if (broken && kind !== 'picture') return unseen
  const onError = () => setBroken(true)
  if (kind === 'picture')
    return (
      <SpaceBetween size="s">
        {broken ? unseen : <img className="preview" src={url} alt={label} onError={onError} />}
        {(neighbours.previous || neighbours.next) && (
          <SpaceBetween direction="horizontal" size="xs">
            <Step label="Previous picture" to={neighbours.previous} onStep={onNeighbour} />
            <Step label="Next picture" to={neighbours.next} onStep={onNeighbour} />
          </SpaceBetween>
        )}
      </SpaceBetween>
    )
  if (kind === 'film')
    return (
      // biome-ignore lint/a11y/useMediaCaption: what people store comes without captions
      <video className="preview" controls src={url} aria-label={label} onError={onError} />
    )
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people store comes without captions
    <audio className="preview" controls src={url} aria-label={label} onError={onError} />
  )
}

interface StepProps {
  label: string
  to: FileRow | undefined
  onStep: ((row: FileRow) => void) | undefined
}

function Step({ label, to, onStep }: StepProps) {
  return (
    <Button disabled={to === undefined} onClick={() => to && onStep?.(to)}>
      {label}
    </Button>
  )
}
