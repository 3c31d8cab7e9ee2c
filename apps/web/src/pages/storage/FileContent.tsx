import Alert from '@cloudscape-design/components/alert'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { objectStore } from '../../cloud/queries.ts'
import { lastPart } from './places.ts'
import type { Preview } from './previews.ts'
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
}

/** What is in a file, as far as a page can show it. */
export function FileContent({ where, object, kind, mayEdit, draft, onDraft }: FileContentProps) {
  const [broken, setBroken] = useState(false)
  if (kind === 'text') return <TextContent where={where} name={object.name} mayEdit={mayEdit} draft={draft} onDraft={onDraft} />
  // Another version is another address: nothing old is shown from a cache.
  const url = objectStore(where.account).contentUrl(where.container, object.name, object.x_object_version)
  const label = lastPart(object.name)
  if (broken) return <Alert type="info">This browser cannot show the file. Download it to look at it.</Alert>
  const onError = () => setBroken(true)
  if (kind === 'picture') return <img className="preview" src={url} alt={label} onError={onError} />
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
