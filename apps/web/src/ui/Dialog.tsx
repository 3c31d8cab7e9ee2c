import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

interface DialogProps {
  title: string
  large?: boolean
  /** What the button says, such as "Delete". */
  act: string
  onAct: () => void
  /** It is being done. */
  acting?: boolean
  /** All that is needed for it is there. */
  ready?: boolean
  /** What the other button says. */
  cancel?: string
  onClose: () => void
  /** A click beside it does not close it: what it shows cannot be seen again. */
  shownOnce?: boolean
  children: ReactNode
}

/** Asks for something and does it, or is closed without. */
export function Dialog(props: DialogProps) {
  const {
    title,
    large = false,
    act,
    onAct,
    acting = false,
    ready = true,
    cancel = 'Cancel',
    onClose,
    shownOnce,
    children,
  } = props
  return (
    <Modal
      visible
      size={large ? 'large' : 'medium'}
      header={<span className="breakable">{title}</span>}
      onDismiss={({ detail }) => (shownOnce && detail.reason === 'overlay' ? undefined : onClose())}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {cancel}
            </Button>
            <Button variant="primary" loading={acting} disabled={!ready} onClick={onAct}>
              {act}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {children}
    </Modal>
  )
}
