import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { account } from '../cloud/connection.ts'
import { Failure } from '../ui/Failure.tsx'
import { showNoMachine } from '../visitors/show.ts'
import { Front } from './account/Front.tsx'

/** For those who forgot their password. What there is to know of an address is told by mail to who reads it. */
export default function ForgottenPage() {
  const [parameters] = useSearchParams()
  const [email, setEmail] = useState(parameters.get('email') ?? '')
  const send = useMutation({ mutationFn: async () => account.forgotPassword(email.trim(), await showNoMachine()) })
  if (send.isSuccess) {
    return (
      <Front
        title="Check your mail"
        lead={
          <>
            If <strong>{email.trim()}</strong> has an account here, a mail is on its way that says how to go on.
          </>
        }
        foot={<Link to="/signin">Back to sign-in</Link>}
      >
        {null}
      </Front>
    )
  }
  return (
    <Front
      title="Forgot your password?"
      lead="A mail brings you a link to choose a new one."
      foot={<Link to="/signin">Back to sign-in</Link>}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (email.trim() !== '') send.mutate()
        }}
      >
        <SpaceBetween size="l">
          <FormField label="Email">
            <Input
              type="email"
              name="email"
              autoComplete="email"
              autoFocus
              value={email}
              onChange={({ detail }) => setEmail(detail.value)}
            />
          </FormField>
          <Failure error={send.error} />
          <Button variant="primary" fullWidth formAction="submit" loading={send.isPending} disabled={email.trim() === ''}>
            Send the mail
          </Button>
        </SpaceBetween>
      </form>
    </Front>
  )
}
