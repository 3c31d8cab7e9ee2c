import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { identity } from '../cloud/connection.ts'
import { queryClient, sessionQuery } from '../cloud/queries.ts'
import { goOn } from '../shell/sign-out.ts'
import { Failure } from '../ui/Failure.tsx'
import { Front } from './account/Front.tsx'

/** Where the link in the mail leads. The code is used once, by this page and not by whoever fetches links ahead. */
export default function ActivatePage() {
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const code = parameters.get('auth') ?? ''
  const started = useRef(false)
  const activate = useMutation({
    mutationFn: () => identity.activate(code),
    async onSuccess() {
      queryClient.clear()
      // Activation signs in, unless an administrator has to agree first.
      const session = await queryClient.fetchQuery({ ...sessionQuery, retry: false }).catch(() => undefined)
      if (session !== undefined) await goOn(parameters.get('next'), navigate)
    },
  })
  useEffect(() => {
    if (started.current || code === '') return
    started.current = true
    activate.mutate()
  }, [code, activate.mutate])

  const pending = activate.data?.state === 'pending moderation'
  if (activate.isSuccess) {
    return (
      <Front
        title={pending ? 'Address confirmed' : 'Your account is active'}
        lead={
          pending ? 'An administrator has to agree before you can start. You will get a mail.' : 'Everything is ready for you.'
        }
      >
        <div className="front-body">
          <Button variant="primary" fullWidth onClick={() => void navigate('/signin')}>
            Sign in
          </Button>
        </div>
      </Front>
    )
  }
  if (activate.isError || code === '') {
    return (
      <Front
        title="This link does not work"
        lead="Links work once, and only the newest one. If you followed it before, your account may be active already."
        foot={<Link to="/signup/mail">Send a new mail</Link>}
      >
        <div className="front-body">
          <SpaceBetween size="l">
            <Failure error={activate.error ?? new Error('The address has no code in it.')} />
            <Button variant="primary" fullWidth onClick={() => void navigate('/signin')}>
              Sign in
            </Button>
          </SpaceBetween>
        </div>
      </Front>
    )
  }
  return (
    <Front title="Activating your account">
      <div className="front-body">
        <Spinner size="large" />
      </div>
    </Front>
  )
}
