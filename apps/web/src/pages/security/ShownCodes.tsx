import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { copyText } from '../../ui/copy.ts'
import './security.css'

/** New recovery codes, for the one time that they are shown. */
export function ShownCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const [copied, setCopied] = useState(false)
  const text = `${codes.join('\n')}\n`
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`
  return (
    <Modal
      visible
      header="Your recovery codes"
      onDismiss={({ detail }) => detail.reason !== 'overlay' && onClose()}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName={copied ? 'check' : 'copy'} onClick={async () => setCopied(await copyText(text))}>
              Copy
            </Button>
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
      </SpaceBetween>
    </Modal>
  )
}
