import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Factor, FactorProof } from '@synnefo/clients/factors'
import type { SecondStep as Asked, SignedIn } from '@synnefo/clients/identity'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { factors } from '../../cloud/connection.ts'
import { passkeysPossible, showPasskey } from '../../cloud/passkeys.ts'
import { Failure } from '../../ui/Failure.tsx'
import { Front } from './Front.tsx'

const LEADS: Record<Factor, string> = {
  passkey: 'Your account asks for a passkey as well.',
  totp: 'Enter the code that your authenticator app shows for this cloud.',
  recovery: 'Enter one of the codes you kept. Each works once.',
}

const SWITCHES: Record<Factor, string> = {
  passkey: 'Use a passkey',
  totp: 'Use a code of the authenticator app',
  recovery: 'Use a recovery code',
}

interface SecondStepProps {
  asked: Asked
  onSignedIn: (session: SignedIn) => Promise<void>
  onStartOver: () => void
}

/** The second step of signing in: whichever factor the person has at hand. */
export default function SecondStep({ asked: { challenge, factors: offered }, onSignedIn, onStartOver }: SecondStepProps) {
  const usable = offered.filter((factor) => factor !== 'passkey' || passkeysPossible())
  const [way, setWay] = useState<Factor>(usable[0] ?? 'recovery')
  const [code, setCode] = useState('')
  const prove = useMutation({
    mutationFn: async () => {
      const proof: FactorProof =
        way === 'passkey'
          ? { passkey: await showPasskey(() => factors.askForSecondPasskey(challenge)) }
          : way === 'totp'
            ? { code }
            : { recoveryCode: code }
      return factors.takeSecondStep(challenge, proof)
    },
    onSuccess: onSignedIn,
    onError: () => setCode(''),
  })

  function choose(other: Factor) {
    setWay(other)
    setCode('')
    prove.reset()
  }

  return (
    <Front title="One more step" lead={LEADS[way]}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (way === 'passkey' || code.trim() !== '') prove.mutate()
        }}
      >
        <SpaceBetween size="l">
          {way !== 'passkey' && (
            <FormField label={way === 'totp' ? 'Code' : 'Recovery code'}>
              <Input
                key={way}
                autoFocus
                name="code"
                autoComplete="one-time-code"
                inputMode={way === 'totp' ? 'numeric' : 'text'}
                placeholder={way === 'totp' ? '123 456' : 'xxxx-xxxx-xxxx'}
                value={code}
                onChange={({ detail }) => setCode(detail.value)}
              />
            </FormField>
          )}
          <Failure error={prove.error} />
          <Button variant="primary" fullWidth formAction="submit" loading={prove.isPending}>
            {way === 'passkey' ? 'Use passkey' : 'Sign in'}
          </Button>
          {usable
            .filter((factor) => factor !== way)
            .map((factor) => (
              <Button key={factor} fullWidth formAction="none" onClick={() => choose(factor)}>
                {SWITCHES[factor]}
              </Button>
            ))}
          <Button variant="inline-link" formAction="none" onClick={onStartOver}>
            Start over
          </Button>
        </SpaceBetween>
      </form>
    </Front>
  )
}
