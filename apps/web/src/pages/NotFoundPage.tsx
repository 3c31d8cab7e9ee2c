import Button from '@cloudscape-design/components/button'
import { SearchX } from 'lucide-react'
import { useNavigate } from 'react-router'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Page } from '../ui/Page.tsx'

export default function NotFoundPage({ reason }: { reason?: string | undefined }) {
  const navigate = useNavigate()
  return (
    <Page title="Not found" heading={false}>
      <EmptyState
        isPage
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
