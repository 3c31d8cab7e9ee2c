import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useNavigate, useParams } from 'react-router'
import { account } from '../cloud/connection.ts'
import { queryClient } from '../cloud/queries.ts'
import { Failure } from '../ui/Failure.tsx'
import { Front } from './account/Front.tsx'

const OUTCOMES = {
  changed: ['Your address is changed', 'From now on you sign in with the new one.'],
  expired: ['This link is too old', 'Ask for the change again.'],
  taken: ['Nothing was changed', 'The address belongs to another account by now.'],
} as const

/** Where the link in the mail to the new address leads. It is used by this page and not by whoever fetches links ahead. */
export default function EmailChangePage() {
  const { key = '' } = useParams()
  const navigate = useNavigate()
  const started = useRef(false)
  const confirm = useMutation({
    mutationFn: () => account.confirmEmailChange(key),
    onSuccess: () => queryClient.clear(),
  })
  useEffect(() => {
    if (started.current) return
    started.current = true
    confirm.mutate()
  }, [confirm.mutate])

  if (confirm.isPending || confirm.isIdle) {
    return (
      <Front title="Changing your address">
        <div className="front-body">
          <Spinner size="large" />
        </div>
      </Front>
    )
  }
  const [title, lead] = confirm.isSuccess ? OUTCOMES[confirm.data.state] : ['This link does not work', undefined]
  return (
    <Front title={title} lead={lead}>
      <div className="front-body">
        <SpaceBetween size="l">
          <Failure error={confirm.error} />
          <Button variant="primary" fullWidth onClick={() => void navigate('/')}>
            Go on
          </Button>
        </SpaceBetween>
      </div>
    </Front>
  )
}
