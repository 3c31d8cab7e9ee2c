import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useSearchParams } from 'react-router'
import { identity } from '../cloud/connection.ts'
import { Failure } from '../ui/Failure.tsx'
import { showNoMachine } from '../visitors/show.ts'
import { Front } from './account/Front.tsx'

/** After signing up, and for those whose mail never came. */
export default function CheckMailPage() {
  const [parameters] = useSearchParams()
  const { state } = useLocation() as { state: { sent?: boolean } | null }
  const known = parameters.get('email') ?? ''
  const [email, setEmail] = useState(known)
  const resend = useMutation({ mutationFn: async () => identity.resendActivation(email.trim(), await showNoMachine()) })
  const sent = state?.sent === true
  /** Where a link leads that has the mail sent again. */
  const again = parameters.has('again')

  return (
    <Front
      title={sent ? 'Check your mail' : 'Send the mail again'}
      lead={
        sent ? (
          <>
            We sent a link to <strong>{known}</strong>. Follow it to activate your account.
          </>
        ) : (
          'The link in the newest mail is the one that counts.'
        )
      }
      foot={<Link to="/signin">Back to sign-in</Link>}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          resend.mutate()
        }}
      >
        <SpaceBetween size="l">
          {!sent && (
            <FormField label="Email">
              <Input type="email" autoComplete="email" value={email} onChange={({ detail }) => setEmail(detail.value)} />
            </FormField>
          )}
          {sent && <p className="soft">Nothing there after a minute? Look among the unwanted mail, or have it sent again.</p>}
          <Failure error={resend.error} />
          {(resend.isSuccess || (again && resend.isIdle)) && (
            <Alert type="success">If an account waits for this address, a new mail is on its way.</Alert>
          )}
          <Button
            fullWidth
            formAction="submit"
            variant={sent ? 'normal' : 'primary'}
            loading={resend.isPending}
            disabled={email.trim() === ''}
          >
            Send again
          </Button>
        </SpaceBetween>
      </form>
    </Front>
  )
}
