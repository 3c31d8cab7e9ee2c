import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { keepCsrfToken, logins } from '../../cloud/connection.ts'
import { queryClient, sessionQuery } from '../../cloud/queries.ts'
import { goOn } from '../../shell/sign-out.ts'
import { Failure } from '../../ui/Failure.tsx'
import { blamedField, explain } from '../../ui/failure.ts'
import { AgreeToTerms } from './AgreeToTerms.tsx'
import { Front } from './Front.tsx'
import './sign-in.css'
import './sign-up.css'
import { PersonFields } from './PersonFields.tsx'

const WORDS = { firstName: /first ?name/i, lastName: /last ?name/i, email: /e-?mail|'email'/i }
type Name = keyof typeof WORDS

/** Somebody came from a provider that no account knows: he makes one of it, or gives it to the one he has. */
export function PendingSignUp({ token }: { token: string }) {
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const pending = useQuery({ queryKey: ['pending-login', token], queryFn: () => logins.showPending(token), staleTime: Infinity })
  const [typed, setTyped] = useState<Partial<Record<Name, string>>>({})
  const [agreed, setAgreed] = useState(false)
  const [tried, setTried] = useState(false)
  const next = parameters.get('next')
  const back = new URLSearchParams({ key: token, ...(next === null ? {} : { next }) })

  const current = (field: Name) => typed[field] ?? pending.data?.[field] ?? ''
  const signUp = useMutation({
    mutationFn: () =>
      logins.signUp(token, {
        email: current('email').trim(),
        firstName: current('firstName'),
        lastName: current('lastName'),
        hasSignedTerms: agreed,
      }),
    async onSuccess(answer) {
      if (answer.state === 'verification') {
        await navigate(`/signup/mail?email=${encodeURIComponent(current('email').trim())}`, { state: { sent: true } })
      } else if ('csrfToken' in answer) {
        queryClient.clear()
        keepCsrfToken(answer.csrfToken)
        await queryClient.fetchQuery(sessionQuery)
        await goOn(next, navigate)
      }
    },
  })
  if (pending.error) {
    return (
      <Front title="Create your account">
        <div className="front-body">
          <SpaceBetween size="l">
            <Failure error={pending.error} />
            <Button href="/signin" variant="primary" fullWidth>
              Sign in
            </Button>
          </SpaceBetween>
        </div>
      </Front>
    )
  }
  if (!pending.data) return <Front title="Create your account">{null}</Front>
  if (signUp.data?.state === 'pending moderation') {
    return (
      <Front title="Almost there">
        <div className="front-body">
          <Alert type="success">Your account was made. An administrator has to approve it; you will get a mail.</Alert>
        </div>
      </Front>
    )
  }

  const { account, fixed, mayCreate, mayAttach, replaces, hasAccount, needsTerms } = pending.data
  const blamed = blamedField(signUp.error, WORDS)
  const field = (name: Name) => ({
    value: current(name),
    disabled: fixed.includes(name),
    onChange: ({ detail }: { detail: { value: string } }) => setTyped((now) => ({ ...now, [name]: detail.value })),
  })
  const errorOf = (name: Name) => {
    if (tried && current(name).trim() === '') return 'This is needed'
    return blamed === name ? explain(signUp.error) : undefined
  }
  const complete = (Object.keys(WORDS) as Name[]).every((name) => current(name).trim() !== '') && (agreed || !needsTerms)
  const attachButton = (
    <Button href={`/signin?${back}`} fullWidth variant={hasAccount || !mayCreate ? 'primary' : 'normal'}>
      Attach it to the account I have
    </Button>
  )

  return (
    <Front
      title={hasAccount ? 'You have an account' : 'Create your account'}
      lead={`Nobody here has this ${account} yet.`}
      foot={
        <>
          Not you? <Link to="/signin">Sign in</Link>
        </>
      }
    >
      <div className="front-body">
        <SpaceBetween size="l">
          {hasAccount && (
            <Alert type="info">There is an account with the address {pending.data.email}. Sign in to it to use both.</Alert>
          )}
          {replaces && (
            <Alert type="warning">
              Somebody began to make an account of it and never confirmed the address. That one will be replaced.
            </Alert>
          )}
          {!mayCreate && <Alert type="warning">No new account can be made of it here.</Alert>}
          {mayCreate && !hasAccount && (
            <form
              onSubmit={(event) => {
                event.preventDefault()
                setTried(true)
                if (complete) signUp.mutate()
              }}
            >
              <SpaceBetween size="l">
                <PersonFields field={field} errorOf={errorOf} />
                {needsTerms && <AgreeToTerms agreed={agreed} onChange={setAgreed} missed={tried && !agreed} />}
                {blamed === '' && <Failure error={signUp.error} />}
                <Button variant="primary" fullWidth formAction="submit" loading={signUp.isPending}>
                  Create account
                </Button>
              </SpaceBetween>
            </form>
          )}
          {mayAttach && mayCreate && !hasAccount && <p className="other-ways">or</p>}
          {mayAttach && attachButton}
        </SpaceBetween>
      </div>
    </Front>
  )
}
