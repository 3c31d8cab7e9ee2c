import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { account, identity } from '../cloud/connection.ts'
import { loginMethodsQuery, queryClient } from '../cloud/queries.ts'
import { Failure } from '../ui/Failure.tsx'
import { blamedField, explain } from '../ui/failure.ts'
import { showNoMachine } from '../visitors/show.ts'
import { AgreeToTerms } from './account/AgreeToTerms.tsx'
import { Front } from './account/Front.tsx'
import { PendingSignUp } from './account/PendingSignUp.tsx'
import './account/sign-in.css'
import './account/sign-up.css'
import { PersonFields } from './account/PersonFields.tsx'

const WORDS = { password: /password/i, firstName: /first ?name/i, lastName: /last ?name/i, email: /e-?mail|address/i }

export const loader = () => queryClient.ensureQueryData(loginMethodsQuery)

/** Somebody who came from a provider makes an account of that; others choose how they want to sign in. */
export default function SignUpPage() {
  const [parameters] = useSearchParams()
  const token = parameters.get('third_party_token')
  return token === null ? <OwnSignUp /> : <PendingSignUp token={token} />
}

function OwnSignUp() {
  const cloud = useSuspenseQuery(loginMethodsQuery).data
  const [parameters] = useSearchParams()
  const code = parameters.get('code') ?? undefined
  const isOpen = cloud.signUp || code !== undefined
  const methods = cloud.methods.filter(({ create }) => create && isOpen)
  const byPassword = methods.some(({ module }) => module === 'local')
  const others = methods.filter(({ module }) => module !== 'local')
  const navigate = useNavigate()
  const [tried, setTried] = useState(false)
  const [agreed, setAgreed] = useState(false)
  const invitation = useQuery({
    queryKey: ['invitation', code],
    queryFn: () => account.invitation(code!),
    enabled: code !== undefined,
    retry: false,
  })
  const terms = useQuery({ queryKey: ['terms', 'newest'], queryFn: () => account.terms(), retry: false })
  const mustAgree = terms.data !== undefined
  const invited = invitation.data?.email
  const [form, setForm] = useState({ email: '', firstName: '', lastName: '', password: '' })
  const set = (field: keyof typeof form) => ({
    value: form[field],
    onChange: ({ detail }: { detail: { value: string } }) => setForm((now) => ({ ...now, [field]: detail.value })),
  })
  const signUp = useMutation({
    mutationFn: async () =>
      identity.signUp({
        ...form,
        email: form.email.trim(),
        ...(mustAgree ? { hasSignedTerms: agreed } : {}),
        ...(code === undefined ? {} : { code }),
        ...(await showNoMachine()),
      }),
    async onSuccess({ state }) {
      if (state === 'verification') {
        await navigate(`/signup/mail?email=${encodeURIComponent(form.email.trim())}`, { state: { sent: true } })
      } else {
        queryClient.clear()
        await navigate(state === 'active' ? '/' : '/signin')
      }
    },
  })
  useEffect(() => {
    if (invited !== undefined) setForm((now) => ({ ...now, email: invited }))
  }, [invited])
  const blamed = blamedField(signUp.error, WORDS)
  const errorOf = (field: keyof typeof form) => {
    if (tried && form[field].trim() === '') return 'This is needed'
    return blamed === field ? explain(signUp.error) : undefined
  }
  const complete = Object.values(form).every((value) => value.trim() !== '') && (agreed || !mustAgree)

  return (
    <Front
      title="Create your account"
      lead={
        methods.length === 0
          ? undefined
          : `A mail with a link confirms your address. ${cloud.moderated ? 'Then an administrator looks at your account.' : 'Then you can start at once.'}`
      }
      foot={
        <>
          Have an account? <Link to="/signin">Sign in</Link>
        </>
      }
    >
      <div className="front-body">
        <SpaceBetween size="l">
          {byPassword && (
            <form
              onSubmit={(event) => {
                event.preventDefault()
                setTried(true)
                if (complete) signUp.mutate()
              }}
            >
              <SpaceBetween size="l">
                <PersonFields field={set} errorOf={errorOf} autoFocus />
                <FormField
                  label="Password"
                  constraintText="A long sentence is better than a short riddle."
                  errorText={errorOf('password')}
                >
                  <Input type="password" name="new-password" autoComplete="new-password" {...set('password')} />
                </FormField>
                {mustAgree && <AgreeToTerms agreed={agreed} onChange={setAgreed} missed={tried && !agreed} />}
                <Failure error={invitation.error} />
                {blamed === '' && <Failure error={signUp.error} />}
                <Button variant="primary" fullWidth formAction="submit" loading={signUp.isPending}>
                  Create account
                </Button>
              </SpaceBetween>
            </form>
          )}
          {byPassword && others.length > 0 && <p className="other-ways">or</p>}
          {others.length > 0 && (
            <SpaceBetween size="s">
              {others.map(({ module, title, address, asksPassword }) => (
                <Button key={module} fullWidth href={asksPassword ? `/signin?method=${module}` : address}>
                  Start with {title}
                </Button>
              ))}
            </SpaceBetween>
          )}
          {methods.length === 0 && <Alert type="info">This cloud makes no new accounts. Ask its administrators.</Alert>}
        </SpaceBetween>
      </div>
    </Front>
  )
}
