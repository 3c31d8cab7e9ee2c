import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ApiError } from '@synnefo/clients/http'
import type { SecondStep as Asked, SignedIn } from '@synnefo/clients/identity'
import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router'
import { factors, identity, keepCsrfToken } from '../cloud/connection.ts'
import { offeredPasskey, passkeysPossible, showPasskey, stopOffering } from '../cloud/passkeys.ts'
import { queryClient, sessionQuery } from '../cloud/queries.ts'
import { safeNext } from '../shell/sign-out.ts'
import { Failure } from '../ui/Failure.tsx'
import { Front } from './account/Front.tsx'

/** Most people never see it: it comes when it is asked for. */
const SecondStep = lazy(() => import('./account/SecondStep.tsx'))

/** An account whose address is not verified yet is told so in these words, whatever else the sentence says. */
const UNVERIFIED = /verif|activat/i

export default function SignInPage() {
  const [parameters] = useSearchParams()
  const { state } = useLocation() as { state: { ended?: boolean; activated?: boolean } | null }
  const navigate = useNavigate()
  const [email, setEmail] = useState(parameters.get('email') ?? '')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)

  const [asked, setAsked] = useState<Asked>()

  async function enter(session: SignedIn) {
    queryClient.clear()
    keepCsrfToken(session.csrfToken)
    await queryClient.fetchQuery(sessionQuery)
    await navigate(safeNext(parameters.get('next')), { replace: true })
  }
  const signIn = useMutation({
    mutationFn: () => identity.signIn(email.trim(), password),
    onSuccess: async (answer) => ('challenge' in answer ? setAsked(answer) : enter(answer)),
  })
  const byPasskey = useMutation({
    mutationFn: async () => factors.signInByPasskey(await showPasskey(factors.askForPasskey)),
    onSuccess: enter,
  })
  const byOffer = useMutation({ mutationFn: factors.signInByPasskey, onSuccess: enter })
  const offer = byOffer.mutate
  useEffect(() => {
    if (asked !== undefined || !passkeysPossible()) return
    let gone = false
    void offeredPasskey(factors.askForPasskey)
      .then((passkey) => passkey !== undefined && !gone && offer(passkey))
      .catch(() => undefined) // without the offer there is still the button
    return () => {
      gone = true
      void stopOffering()
    }
  }, [asked, offer])

  const unverified = signIn.error instanceof ApiError && UNVERIFIED.test(signIn.error.message)

  if (asked !== undefined) {
    return (
      <Suspense fallback={<Front title="One more step">{null}</Front>}>
        <SecondStep asked={asked} onSignedIn={enter} onStartOver={() => setAsked(undefined)} />
      </Suspense>
    )
  }
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
              autoComplete="username webauthn"
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
          <Failure error={signIn.error ?? byPasskey.error ?? byOffer.error} />
          {unverified && (
            <Button formAction="none" onClick={() => void navigate(`/signup/mail?email=${encodeURIComponent(email.trim())}`)}>
              Send the mail again
            </Button>
          )}
          <Button variant="primary" fullWidth formAction="submit" loading={signIn.isPending}>
            Sign in
          </Button>
          {passkeysPossible() && (
            <Button fullWidth formAction="none" loading={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
              Sign in with a passkey
            </Button>
          )}
        </SpaceBetween>
      </form>
    </Front>
  )
}
