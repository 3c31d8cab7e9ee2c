import Button from '@cloudscape-design/components/button'
import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { account } from '../cloud/connection.ts'
import { Failure } from '../ui/Failure.tsx'
import { Front } from './account/Front.tsx'

/** Where the link in a password mail leads. */
export default function NewPasswordPage() {
  const { id = '', token = '' } = useParams()
  const navigate = useNavigate()
  const [form, setForm] = useState({ password: '', again: '', renewToken: true })
  const [tried, setTried] = useState(false)
  const link = useQuery({
    queryKey: ['password-link', id, token],
    queryFn: () => account.checkResetLink({ id, token }),
    retry: false,
    staleTime: Infinity,
  })
  const change = useMutation({
    mutationFn: () => account.resetPassword({ id, token }, { password: form.password, renewToken: form.renewToken }),
  })
  const set = (field: 'password' | 'again') => ({
    value: form[field],
    onChange: ({ detail }: { detail: { value: string } }) => setForm((now) => ({ ...now, [field]: detail.value })),
  })

  if (change.isSuccess) {
    return (
      <Front title="Your password is changed" lead="Wherever you were signed in, you are signed out now.">
        <div className="front-body">
          <Button variant="primary" fullWidth onClick={() => void navigate('/signin')}>
            Sign in
          </Button>
        </div>
      </Front>
    )
  }
  if (link.isPending) return <Front title="Choose a new password">{null}</Front>
  if (link.isError || !link.data.isValid) {
    return (
      <Front
        title="This link does not work"
        lead="Links work once and for three days, and end when you sign in. Ask for a new one."
        foot={<Link to="/signin">Back to sign-in</Link>}
      >
        <div className="front-body">
          <SpaceBetween size="l">
            <Failure error={link.error} />
            <Button variant="primary" fullWidth onClick={() => void navigate('/forgotten')}>
              Ask for a new link
            </Button>
          </SpaceBetween>
        </div>
      </Front>
    )
  }
  const differs = form.again !== form.password
  return (
    <Front title="Choose a new password" lead="A long sentence is better than a short riddle.">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (form.password !== '' && !differs) change.mutate()
        }}
      >
        <SpaceBetween size="l">
          <FormField label="New password" errorText={tried && form.password === '' && 'Enter a password'}>
            <Input type="password" name="new-password" autoComplete="new-password" autoFocus {...set('password')} />
          </FormField>
          <FormField label="The same again" errorText={tried && differs && 'The two are not the same'}>
            <Input type="password" name="new-password-again" autoComplete="new-password" {...set('again')} />
          </FormField>
          {link.data.offersToRenewToken && (
            <Checkbox
              checked={form.renewToken}
              onChange={({ detail }) => setForm((now) => ({ ...now, renewToken: detail.checked }))}
            >
              Renew my API token too
            </Checkbox>
          )}
          <Failure error={change.error} />
          <Button variant="primary" fullWidth formAction="submit" loading={change.isPending}>
            Change password
          </Button>
        </SpaceBetween>
      </form>
    </Front>
  )
}
