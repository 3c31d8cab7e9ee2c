import Alert from '@cloudscape-design/components/alert'
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { outcomeQuery, sayOutcome } from './outcome.ts'

/** Tells what became of a login method that was begun elsewhere, until it is read. */
export function OutcomeBanner() {
  const [parameters, setParameters] = useSearchParams()
  const { data: outcome } = useQuery({ ...outcomeQuery, enabled: parameters.has('outcome') })
  if (outcome === undefined || outcome === null) return null
  function close() {
    sayOutcome(null)
    setParameters(
      (now) => {
        now.delete('outcome')
        return now
      },
      { replace: true },
    )
  }
  return (
    <div className="outcome">
      <Alert type={outcome.type} dismissible onDismiss={close} dismissAriaLabel="Close">
        {outcome.text}
      </Alert>
    </div>
  )
}
