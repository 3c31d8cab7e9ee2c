import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './Failure.tsx'

interface ConfirmProps {
  title: string
  children: ReactNode
  /** What the button says, such as "Delete". */
  act: string
  onConfirm: () => Promise<unknown>
  onDone?: () => void
  onClose: () => void
}

/** Asks before something that cannot be taken back. A refusal is shown here, and the question stays open. */
export function Confirm({ title, children, act, onConfirm, onDone, onClose }: ConfirmProps) {
  const confirmed = useMutation({
    mutationFn: onConfirm,
    onSuccess: () => {
      onClose()
      onDone?.()
    },
  })
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={confirmed.isPending} onClick={() => confirmed.mutate()}>
              {act}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>{children}</div>
        <Failure error={confirmed.error} />
      </SpaceBetween>
    </Modal>
  )
}
