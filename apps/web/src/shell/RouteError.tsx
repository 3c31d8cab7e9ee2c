import Button from '@cloudscape-design/components/button'
import { ApiError } from '@synnefo/clients/http'
import { CloudOff, TriangleAlert } from 'lucide-react'
import { isRouteErrorResponse, useRevalidator, useRouteError } from 'react-router'
import NotFoundPage from '../pages/NotFoundPage.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { explain } from '../ui/failure.ts'
import { Page } from '../ui/Page.tsx'

/** Stands where a page would be that cannot be shown. */
export function RouteError() {
  const error = useRouteError()
  const { revalidate, state } = useRevalidator()
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
