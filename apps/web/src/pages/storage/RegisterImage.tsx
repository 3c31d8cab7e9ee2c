import SpaceBetween from '@cloudscape-design/components/space-between'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { images } from '../../cloud/connection.ts'
import { changed, me } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import type { ImageDraft } from '../images/draft.ts'
import { complete, draftFor, fieldsOf } from '../images/draft.ts'
import { ImageForm } from '../images/ImageForm.tsx'
import { lastPart } from './places.ts'

/** Makes an image of an object. Nothing is copied: the object is the image. */
export function RegisterImage({ container, object, onClose }: { container: string; object: StoredObject; onClose: () => void }) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState<ImageDraft>(() => draftFor(lastPart(object.name)))
  const register = useMutation({
    mutationFn: () => images.registerImage({ account: me().uuid, container, name: object.name }, fieldsOf(draft)),
    async onSuccess({ id }) {
      await changed('images')
      await navigate(id === '' ? '/images' : `/images/${id}`)
    },
  })
  return (
    <Dialog
      large
      title="Register as image"
      act="Register image"
      acting={register.isPending}
      ready={complete(draft)}
      onAct={() => register.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="l">
        <p className="soft breakable">
          Servers can be created from <strong>{object.name}</strong> as soon as it is an image. The file stays where it is;
          deleting it deletes the image.
        </p>
        <ImageForm draft={draft} onChange={setDraft} />
        <Failure error={register.error} />
      </SpaceBetween>
    </Dialog>
  )
}
