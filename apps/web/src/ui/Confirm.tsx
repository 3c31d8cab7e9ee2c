import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Dialog } from './Dialog.tsx'
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
    <Dialog title={title} act={act} acting={confirmed.isPending} onAct={() => confirmed.mutate()} onClose={onClose}>
      <SpaceBetween size="m">
        <div>{children}</div>
        <Failure error={confirmed.error} />
      </SpaceBetween>
    </Dialog>
  )
}
