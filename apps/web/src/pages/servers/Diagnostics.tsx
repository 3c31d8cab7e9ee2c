import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Spinner from '@cloudscape-design/components/spinner'
import { useQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { diagnosticList } from '../../cloud/queries.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { When } from '../../ui/When.tsx'

/** What the making of the server had to say, newest first. */
export function Diagnostics({ id }: { id: number }) {
  const { data: entries, error } = useQuery(diagnosticList(id))
  return (
    <Container header={<Header variant="h2">What was done</Header>}>
      <Failure error={error} />
      {entries === undefined && !error && <Spinner />}
      {entries?.length === 0 && <EmptyState icon={ScrollText} title="Nothing to tell" />}
      <ul className="diagnostics">
        {entries?.map(({ created, source, level, message, details }) => (
          <li key={`${created} ${source} ${message}`}>
            <span className="soft small">
              <When at={created} />
            </span>
            <div className="breakable">
              <span className={`diagnostic-${level.toLowerCase()}`}>{message}</span>
              {details && <pre>{details}</pre>}
            </div>
          </li>
        ))}
      </ul>
    </Container>
  )
}
