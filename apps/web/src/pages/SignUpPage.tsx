import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { identity } from '../cloud/connection.ts'
import { loginMethodsQuery, queryClient } from '../cloud/queries.ts'
import { Failure } from '../ui/Failure.tsx'
import { blamedField, explain } from '../ui/failure.ts'
import { Front } from './account/Front.tsx'
import { PendingSignUp } from './account/PendingSignUp.tsx'
import './account/sign-in.css'
import './account/sign-up.css'

const WORDS = { password: /password/i, firstName: /first ?name/i, lastName: /last ?name/i, email: /e-?mail|address/i }

export const loader = () => queryClient.ensureQueryData(loginMethodsQuery)

/** Somebody who came from a provider makes an account of that; others choose how they want to sign in. */
export default function SignUpPage() {
  const [parameters] = useSearchParams()
  const token = parameters.get('third_party_token')
  return token === null ? <OwnSignUp /> : <PendingSignUp token={token} />
}

function OwnSignUp() {
  const methods = useSuspenseQuery(loginMethodsQuery).data.methods.filter(({ create }) => create)
  const byPassword = methods.some(({ module }) => module === 'local')
  const others = methods.filter(({ module }) => module !== 'local')
  const navigate = useNavigate()
  const [tried, setTried] = useState(false)
  const [form, setForm] = useState({ email: '', firstName: '', lastName: '', password: '' })
  const set = (field: keyof typeof form) => ({
    value: form[field],
    onChange: ({ detail }: { detail: { value: string } }) => setForm((now) => ({ ...now, [field]: detail.value })),
  })
  const signUp = useMutation({
    mutationFn: () => identity.signUp({ ...form, email: form.email.trim() }),
    onSuccess: () => navigate(`/signup/mail?email=${encodeURIComponent(form.email.trim())}`, { state: { sent: true } }),
  })
  const blamed = blamedField(signUp.error, WORDS)
  const errorOf = (field: keyof typeof form) => {
    if (tried && form[field].trim() === '') return 'This is needed'
    return blamed === field ? explain(signUp.error) : undefined
  }
  const complete = Object.values(form).every((value) => value.trim() !== '')

  return (
    <Front
      title="Create your account"
      lead="A mail with a link confirms your address. Then you can start at once."
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
                <div className="two-fields">
                  <FormField label="First name" errorText={errorOf('firstName')}>
                    <Input name="given-name" autoComplete="given-name" autoFocus {...set('firstName')} />
                  </FormField>
                  <FormField label="Last name" errorText={errorOf('lastName')}>
                    <Input name="family-name" autoComplete="family-name" {...set('lastName')} />
                  </FormField>
                </div>
                <FormField label="Email" errorText={errorOf('email')}>
                  <Input type="email" name="email" autoComplete="email" {...set('email')} />
                </FormField>
                <FormField
                  label="Password"
                  constraintText="A long sentence is better than a short riddle."
                  errorText={errorOf('password')}
                >
                  <Input type="password" name="new-password" autoComplete="new-password" {...set('password')} />
                </FormField>
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
