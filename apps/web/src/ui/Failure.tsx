import Alert from '@cloudscape-design/components/alert'
import { explain } from './failure.ts'

/** Says why something did not work, beside what was tried. */
export function Failure({ error, what, onDismiss }: { error: unknown; what?: string; onDismiss?: () => void }) {
  if (error === null || error === undefined) return null
  return (
    <Alert type="error" header={what} dismissible={onDismiss !== undefined} onDismiss={onDismiss} dismissAriaLabel="Close">
      {explain(error)}
    </Alert>
  )
}
