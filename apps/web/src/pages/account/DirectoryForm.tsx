import Alert from '@cloudscape-design/components/alert'
import type { SecondStep, SignedIn } from '@synnefo/clients/identity'
import type { LoginMethod } from '@synnefo/clients/logins'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { logins } from '../../cloud/connection.ts'
import { CredentialsForm } from './CredentialsForm.tsx'

interface DirectoryFormProps {
  method: LoginMethod
  onTry: () => void
  onAnswer: (answer: SignedIn | SecondStep) => Promise<void>
}

const WAITING = {
  verification: 'Your account was made. Follow the link in the mail we sent you to start.',
  'pending moderation': 'Your account was made. An administrator has to approve it; you will get a mail.',
}

/** Signs in with name and password of the directory; who has no account yet makes one of it. */
export function DirectoryForm({ method, onTry, onAnswer }: DirectoryFormProps) {
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const [waiting, setWaiting] = useState<keyof typeof WAITING>()
  const signIn = useMutation({
    mutationFn: logins.signInToDirectory,
    onMutate: onTry,
    async onSuccess(answer) {
      if ('user' in answer || 'challenge' in answer) return onAnswer(answer)
      if (answer.state !== 'unknown') return setWaiting(answer.state)
      const query = new URLSearchParams({ third_party_token: answer.token })
      const next = parameters.get('next')
      if (next !== null) query.set('next', next)
      await navigate(`/signup?${query}`)
    },
  })
  if (waiting !== undefined) return <Alert type="success">{WAITING[waiting]}</Alert>
  return (
    <CredentialsForm
      act={method.prompt}
      title={method.title}
      error={signIn.error}
      loading={signIn.isPending}
      onSubmit={(credentials) => signIn.mutate(credentials)}
    />
  )
}
