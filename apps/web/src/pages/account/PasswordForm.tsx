import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ApiError } from '@synnefo/clients/http'
import type { SecondStep, SignedIn } from '@synnefo/clients/identity'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { identity } from '../../cloud/connection.ts'
import { Failure } from '../../ui/Failure.tsx'
import { CurrentPassword } from './CurrentPassword.tsx'

/** An account whose address is not verified yet is told so in these words, whatever else the sentence says. */
const UNVERIFIED = /verif|activat/i

interface PasswordFormProps {
  onTry: () => void
  onAnswer: (answer: SignedIn | SecondStep) => Promise<void>
}

/** Signs in with e-mail address and password. */
export function PasswordForm({ onTry, onAnswer }: PasswordFormProps) {
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const [email, setEmail] = useState(parameters.get('email') ?? '')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const signIn = useMutation({
    mutationFn: () => identity.signIn(email.trim(), password),
    onMutate: onTry,
    onSuccess: onAnswer,
  })
  const unverified = signIn.error instanceof ApiError && UNVERIFIED.test(signIn.error.message)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (email.trim() !== '' && password !== '') signIn.mutate()
      }}
    >
      <SpaceBetween size="l">
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
        <CurrentPassword value={password} onChange={setPassword} missed={tried && password === ''} />
        <Failure error={signIn.error} />
        {unverified && (
          <Button formAction="none" onClick={() => void navigate(`/signup/mail?email=${encodeURIComponent(email.trim())}`)}>
            Send the mail again
          </Button>
        )}
        <Button variant="primary" fullWidth formAction="submit" loading={signIn.isPending}>
          Sign in
        </Button>
        <p className="soft">
          <Link to={`/forgotten${email.trim() === '' ? '' : `?email=${encodeURIComponent(email.trim())}`}`}>
            Forgot your password?
          </Link>
        </p>
      </SpaceBetween>
    </form>
  )
}
