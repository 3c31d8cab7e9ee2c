import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { SecondStep as Asked, SignedIn } from '@synnefo/clients/identity'
import type { LoginMethod } from '@synnefo/clients/logins'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Link, type LoaderFunctionArgs, useLoaderData, useLocation, useNavigate, useSearchParams } from 'react-router'
import { factors, keepCsrfToken, logins } from '../cloud/connection.ts'
import { offeredPasskey, passkeysPossible, showPasskey, stopOffering } from '../cloud/passkeys.ts'
import { loginMethodsQuery, queryClient, sessionQuery } from '../cloud/queries.ts'
import { sayOutcome } from '../shell/outcome.ts'
import { goOn as goOnTo } from '../shell/sign-out.ts'
import { Failure } from '../ui/Failure.tsx'
import { explain } from '../ui/failure.ts'
import { DirectoryForm } from './account/DirectoryForm.tsx'
import { Front } from './account/Front.tsx'
import { PasswordForm } from './account/PasswordForm.tsx'
import './account/sign-in.css'

/** Most people never see it: it comes when it is asked for. */
const SecondStep = lazy(() => import('./account/SecondStep.tsx'))

/** What became of a sign-in that led elsewhere is told here, once. */
export async function loader({ request }: LoaderFunctionArgs) {
  await queryClient.ensureQueryData(loginMethodsQuery)
  return new URL(request.url).searchParams.has('outcome') ? await logins.takeOutcome() : null
}

export default function SignInPage() {
  const [parameters] = useSearchParams()
  const { state } = useLocation() as { state: { ended?: boolean; activated?: boolean } | null }
  const outcome = useLoaderData<typeof loader>()
  const { methods, last, signUp } = useSuspenseQuery(loginMethodsQuery).data
  const navigate = useNavigate()
  const [idle, setIdle] = useState(true)
  const [asked, setAsked] = useState<Asked | undefined>(
    outcome?.challenge && outcome.factors ? { challenge: outcome.challenge, factors: outcome.factors } : undefined,
  )
  const key = parameters.get('key')

  async function enter(session: SignedIn) {
    queryClient.clear()
    keepCsrfToken(session.csrfToken)
    await queryClient.fetchQuery(sessionQuery)
    if (key !== null) await attach(key)
    await goOnTo(parameters.get('next'), navigate)
  }
  const goOn = async (answer: SignedIn | Asked) => ('challenge' in answer ? setAsked(answer) : enter(answer))

  const byPasskey = useMutation({
    mutationFn: async () => factors.signInByPasskey(await showPasskey(factors.askForPasskey)),
    onSuccess: enter,
  })
  const byOffer = useMutation({ mutationFn: factors.signInByPasskey, onSuccess: enter })
  const offer = byOffer.mutate
  useEffect(() => {
    if (asked !== undefined || !passkeysPossible()) return
    let gone = false
    void offeredPasskey(factors.askForPasskey, () => !gone)
      .then((passkey) => passkey !== undefined && !gone && offer(passkey))
      .catch(() => undefined) // without the offer there is still the button
    return () => {
      gone = true
      void stopOffering()
    }
  }, [asked, offer])

  if (asked !== undefined) {
    return (
      <Suspense fallback={<Front title="One more step">{null}</Front>}>
        <SecondStep asked={asked} onSignedIn={enter} onStartOver={() => setAsked(undefined)} />
      </Suspense>
    )
  }

  const offered = methods.filter(({ login }) => login)
  const shown = offered.find(({ module }) => module === parameters.get('method')) ?? offered[0]
  const others = offered.filter((method) => method !== shown)
  const carried = new URLSearchParams([...parameters].filter(([name]) => name === 'next' || name === 'key'))
  const addressOf = ({ address }: LoginMethod) => (carried.size > 0 ? `${address}?${carried}` : address)

  return (
    <Front
      title="Sign in"
      lead={parameters.has('next') ? 'Sign in to go on where you were.' : 'Welcome back.'}
      foot={
        signUp &&
        methods.some(({ create }) => create) && (
          <>
            New here? <Link to="/signup">Create an account</Link>
          </>
        )
      }
    >
      <div className="front-body">
        <SpaceBetween size="l">
          {outcome !== null && idle && <Alert type={outcome.type}>{outcome.text}</Alert>}
          {state?.ended && idle && <Alert type="info">Your session has ended. Sign in again.</Alert>}
          {state?.activated && idle && <Alert type="success">Your account is active. Sign in to start.</Alert>}
          {key !== null && (
            <Alert type="info">Sign in to the account you have. The new way to sign in will be attached to it.</Alert>
          )}
          {shown?.module === 'local' && <PasswordForm onTry={() => setIdle(false)} onAnswer={goOn} />}
          {shown?.module === 'ldap' && <DirectoryForm method={shown} onTry={() => setIdle(false)} onAnswer={goOn} />}
          {shown !== undefined && !shown.asksPassword && (
            <Button variant="primary" fullWidth href={addressOf(shown)}>
              {shown.prompt}
            </Button>
          )}
          <Failure error={byPasskey.error ?? byOffer.error} />
          {(others.length > 0 || passkeysPossible()) && <p className="other-ways">or</p>}
          <SpaceBetween size="s">
            {others.map((method) => (
              <Button
                key={method.module}
                fullWidth
                iconName={method.module === last ? 'status-positive' : undefined}
                href={method.asksPassword ? undefined : addressOf(method)}
                onClick={() => {
                  if (!method.asksPassword) return
                  const query = new URLSearchParams(carried)
                  query.set('method', method.module)
                  void navigate(`/signin?${query}`)
                }}
              >
                {method.module === last ? `${method.prompt} (used last)` : method.prompt}
              </Button>
            ))}
            {passkeysPossible() && (
              <Button fullWidth loading={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
                Sign in with a passkey
              </Button>
            )}
          </SpaceBetween>
        </SpaceBetween>
      </div>
    </Front>
  )
}

/** Gives the identity that waits to the account that was signed in to. The next page says what came of it. */
async function attach(key: string) {
  try {
    sayOutcome({ type: 'success', text: (await logins.attach(key)).message })
  } catch (error) {
    sayOutcome({ type: 'warning', text: explain(error) })
  }
}
