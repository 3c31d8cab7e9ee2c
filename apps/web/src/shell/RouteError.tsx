import Button from '@cloudscape-design/components/button'
import { ApiError } from '@synnefo/clients/http'
import { CloudOff, SearchX, TriangleAlert } from 'lucide-react'
import { isRouteErrorResponse, useNavigate, useRevalidator, useRouteError } from 'react-router'
import { EmptyState } from '../ui/EmptyState.tsx'
import { explain } from '../ui/failure.ts'
import { Page } from '../ui/Page.tsx'

/** Stands where a page would be that cannot be shown. */
export function RouteError() {
  const error = useRouteError()
  const { revalidate, state } = useRevalidator()
  const missing = (error instanceof ApiError && error.status === 404) || (isRouteErrorResponse(error) && error.status === 404)
  const silent = error instanceof ApiError && (error.status === 0 || error.status >= 502)
  if (missing) return <NotFound reason={error instanceof ApiError ? error.message : undefined} />
  return (
    <Page title={silent ? 'No answer' : 'Something went wrong'} heading="">
      <EmptyState
        icon={silent ? CloudOff : TriangleAlert}
        title={silent ? 'The cloud does not answer' : 'This page cannot be shown'}
        action={
          <Button variant="primary" loading={state === 'loading'} onClick={() => void revalidate()}>
            Try again
          </Button>
        }
      >
        {silent ? 'Your servers and files are not affected by that.' : explain(error)}
      </EmptyState>
    </Page>
  )
}

export function NotFound({ reason }: { reason?: string | undefined }) {
  const navigate = useNavigate()
  return (
    <Page title="Not found" heading="">
      <EmptyState
        icon={SearchX}
        title="There is nothing here"
        action={
          <Button variant="primary" onClick={() => void navigate('/')}>
            Go to the home page
          </Button>
        }
      >
        {reason ?? 'The address is wrong, or what was here has been deleted.'}
      </EmptyState>
    </Page>
  )
}

export default NotFound
