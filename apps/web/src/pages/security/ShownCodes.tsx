import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { CopyText } from '../../ui/CopyText.tsx'
import './security.css'

/** New recovery codes, for the one time that they are shown. */
export function ShownCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`${codes.join('\n')}\n`)}`
  return (
    <Modal
      visible
      header="Your recovery codes"
      onDismiss={({ detail }) => detail.reason !== 'overlay' && onClose()}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={file} download="recovery-codes.txt" iconName="download">
              Save as a file
            </Button>
            <Button variant="primary" onClick={onClose}>
              I kept them
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">
          This is the only time they are shown. Each signs you in once, when the app or the passkey is gone.
        </Alert>
        <ul className="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <CopyText label="all codes" text={codes.join(' ')} />
      </SpaceBetween>
    </Modal>
  )
}
