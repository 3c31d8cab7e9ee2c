import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Image } from '@synnefo/clients/image'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { images } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
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
    <Modal
      visible
      size="large"
      header={`Edit “${image.name}”`}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={save.isPending} disabled={!complete(draft)} onClick={() => save.mutate()}>
              Save
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <ImageForm draft={draft} onChange={setDraft} />
        <Failure error={save.error} />
      </SpaceBetween>
    </Modal>
  )
}
