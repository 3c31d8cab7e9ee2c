import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ApiError } from '@synnefo/clients/http'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router'
import { identity, keepCsrfToken } from '../cloud/connection.ts'
import { queryClient, sessionQuery } from '../cloud/queries.ts'
import { safeNext } from '../shell/sign-out.ts'
import { Failure } from '../ui/Failure.tsx'
import { Front } from './account/Front.tsx'

/** An account whose address is not verified yet is told so in these words, whatever else the sentence says. */
const UNVERIFIED = /verif|activat/i

export default function SignInPage() {
  const [parameters] = useSearchParams()
  const { state } = useLocation() as { state: { ended?: boolean; activated?: boolean } | null }
  const navigate = useNavigate()
  const [email, setEmail] = useState(parameters.get('email') ?? '')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)

  const signIn = useMutation({
    mutationFn: () => identity.signIn(email.trim(), password),
    async onSuccess(session) {
      queryClient.clear()
      keepCsrfToken(session.csrfToken)
      await queryClient.fetchQuery(sessionQuery)
      await navigate(safeNext(parameters.get('next')), { replace: true })
    },
  })
  const unverified = signIn.error instanceof ApiError && UNVERIFIED.test(signIn.error.message)

  return (
    <Front
      title="Sign in"
      lead={parameters.has('next') ? 'Sign in to go on where you were.' : 'Welcome back.'}
      foot={
        <>
          New here? <Link to="/signup">Create an account</Link>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (email.trim() !== '' && password !== '') signIn.mutate()
        }}
      >
        <SpaceBetween size="l">
          {state?.ended && signIn.isIdle && <Alert type="info">Your session has ended. Sign in again.</Alert>}
          {state?.activated && signIn.isIdle && <Alert type="success">Your account is active. Sign in to start.</Alert>}
          <FormField label="Email" errorText={tried && email.trim() === '' && 'Enter your email address'}>
            <Input
              type="email"
              name="username"
              autoComplete="username"
              autoFocus
              value={email}
              onChange={({ detail }) => setEmail(detail.value)}
            />
          </FormField>
          <FormField label="Password" errorText={tried && password === '' && 'Enter your password'}>
            <Input
              type="password"
              name="password"
              autoComplete="current-password"
              value={password}
              onChange={({ detail }) => setPassword(detail.value)}
            />
          </FormField>
          <Failure error={signIn.error} />
          {unverified && (
            <Button formAction="none" onClick={() => void navigate(`/signup/mail?email=${encodeURIComponent(email.trim())}`)}>
              Send the mail again
            </Button>
          )}
          <Button variant="primary" fullWidth formAction="submit" loading={signIn.isPending}>
            Sign in
          </Button>
        </SpaceBetween>
      </form>
    </Front>
  )
}
