import Modal from '@cloudscape-design/components/modal'
import type { Row } from './rows.ts'
import { Sharing } from './Sharing.tsx'

export function FolderSharing({ container, row, onClose }: { container: string; row: Row; onClose: () => void }) {
  return (
    <Modal
      visible
      header={<span className="breakable">Sharing of “{row.label}”</span>}
      onDismiss={onClose}
      closeAriaLabel="Close"
    >
      <Sharing container={container} name={row.name.replace(/\/$/, '')} folder />
    </Modal>
  )
}
