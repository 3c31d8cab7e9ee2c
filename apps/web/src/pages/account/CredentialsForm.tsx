import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { DirectoryCredentials } from '@synnefo/clients/logins'
import { useState } from 'react'
import { Failure } from '../../ui/Failure.tsx'
import { CurrentPassword } from './CurrentPassword.tsx'

interface CredentialsFormProps {
  /** What the button says. */
  act: string
  /** Whose name and password it asks for. */
  title: string
  error: unknown
  loading: boolean
  onSubmit: (credentials: DirectoryCredentials) => void
}

/** Asks for name and password of a directory. */
export function CredentialsForm({ act, title, error, loading, onSubmit }: CredentialsFormProps) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (username.trim() !== '' && password !== '') onSubmit({ username: username.trim(), password })
      }}
    >
      <SpaceBetween size="l">
        <FormField
          label="User name"
          constraintText={`As in: ${title}`}
          errorText={tried && username.trim() === '' && 'Enter your user name'}
        >
          <Input
            name="username"
            autoComplete="username"
            autoFocus
            value={username}
            onChange={({ detail }) => setUsername(detail.value)}
          />
        </FormField>
        <CurrentPassword value={password} onChange={setPassword} missed={tried && password === ''} />
        <Failure error={error} />
        <Button variant="primary" fullWidth formAction="submit" loading={loading}>
          {act}
        </Button>
      </SpaceBetween>
    </form>
  )
}
