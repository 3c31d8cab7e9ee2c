import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Image } from '@synnefo/clients/image'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { images } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { complete, draftOf, fieldsOf } from './draft.ts'
import { ImageForm } from './ImageForm.tsx'

export function EditImage({ image, onClose }: { image: Image; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(image))
  const save = useMutation({
    mutationFn: () => images.updateImage(image.id, fieldsOf(draft, draftOf(image))),
    async onSuccess() {
      await changed('images')
      onClose()
    },
  })
  return (
    <Dialog
      large
      title={`Edit “${image.name}”`}
      act="Save"
      acting={save.isPending}
      ready={complete(draft)}
      onAct={() => save.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="l">
        <ImageForm draft={draft} onChange={setDraft} />
        <Failure error={save.error} />
      </SpaceBetween>
    </Dialog>
  )
}
