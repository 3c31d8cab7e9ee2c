import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ApiError } from '@synnefo/clients/http'
import { CloudOff, TriangleAlert } from 'lucide-react'
import { isRouteErrorResponse, useNavigate, useRevalidator, useRouteError } from 'react-router'
import NotFoundPage from '../pages/NotFoundPage.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { explain } from '../ui/failure.ts'
import { Page } from '../ui/Page.tsx'

/** Stands where a page would be that cannot be shown. */
export function RouteError() {
  const error = useRouteError()
  const { revalidate, state } = useRevalidator()
  const navigate = useNavigate()
  const missing = (error instanceof ApiError && error.status === 404) || (isRouteErrorResponse(error) && error.status === 404)
  const silent = error instanceof ApiError && (error.status === 0 || error.status >= 502)
  if (missing) return <NotFoundPage reason={error instanceof ApiError ? error.message : undefined} />
  return (
    <Page title={silent ? 'No answer' : 'Something went wrong'} heading={false}>
      <EmptyState
        isPage
        icon={silent ? CloudOff : TriangleAlert}
        title={silent ? 'The cloud does not answer' : 'This page cannot be shown'}
        action={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" loading={state === 'loading'} onClick={() => void revalidate()}>
              Try again
            </Button>
            {!silent && (
              <Button onClick={() => void navigate('/feedback', { state: { message: reportOf(error) } })}>Report this</Button>
            )}
          </SpaceBetween>
        }
      >
        {silent ? 'Your servers and files are not affected by that.' : explain(error)}
      </EmptyState>
    </Page>
  )
}

/** What those who run the cloud need to know of it. The person reads it before it is sent. */
function reportOf(error: unknown): string {
  const kind = error instanceof ApiError ? ` (${error.status} ${error.kind})` : ''
  return [
    'A page could not be shown.',
    '',
    `Page: ${location.pathname}`,
    `When: ${new Date().toISOString()}`,
    `What: ${explain(error)}${kind}`,
    `Browser: ${navigator.userAgent}`,
  ].join('\n')
}
