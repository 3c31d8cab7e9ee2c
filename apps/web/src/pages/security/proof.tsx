// Changes that hurt ask for a fresh proof. Whatever is refused for want of one waits here until the person gave it, and
// is then tried again.
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { PROOF_REQUIRED, type Proof, type ProofKind } from '@synnefo/clients/factors'
import { ApiError } from '@synnefo/clients/http'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'
import { factors } from '../../cloud/connection.ts'
import { passkeysPossible, showPasskey } from '../../cloud/passkeys.ts'
import { factorList } from '../../cloud/queries.ts'
import { signOut } from '../../shell/sign-out.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'

type WithProof = <T>(work: () => Promise<T>) => Promise<T>

const Keeper = createContext<WithProof>((work) => work())

/** Answers what does the work, asking for a proof first where the cloud demands one. */
export const useProof = () => useContext(Keeper)

interface Waiting {
  proven: () => void
  cancelled: () => void
}

export function ProofKeeper({ children }: { children: ReactNode }) {
  const [waiting, setWaiting] = useState<Waiting>()
  const withProof = useCallback(async function withProof<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ApiError && error.details === PROOF_REQUIRED)) throw error
      await new Promise<void>((proven, refuse) => {
        setWaiting({ proven, cancelled: () => refuse(new Error('Nothing was changed: this needs to be confirmed.')) })
      }).finally(() => setWaiting(undefined))
      return withProof(work)
    }
  }, [])
  return (
    <Keeper value={withProof}>
      {children}
      {waiting && <AskForProof {...waiting} />}
    </Keeper>
  )
}

const LABELS: Record<ProofKind, string> = {
  password: 'Password',
  totp: 'Code of the authenticator app',
  passkey: 'Use a passkey',
  recovery: 'Recovery code',
}

const AUTOCOMPLETE = { password: 'current-password', totp: 'one-time-code', recovery: 'one-time-code' }

function AskForProof({ proven, cancelled }: Waiting) {
  const { data } = useSuspenseQuery(factorList)
  const ways = data.waysToProve.filter((way) => way !== 'passkey' || passkeysPossible())
  const [way, setWay] = useState(ways[0])
  const [text, setText] = useState('')
  const prove = useMutation({
    mutationFn: async (kind: ProofKind) => factors.confirm(await proofOf(kind, text)),
    onSuccess: proven,
    onError: () => setText(''),
  })
  const ready = way === 'passkey' || text !== ''
  return (
    <Dialog
      title="Confirm that it is you"
      {...(way === undefined
        ? { act: 'Sign out', onAct: () => void signOut() }
        : { act: way === 'passkey' ? 'Use passkey' : 'Confirm', acting: prove.isPending, ready, onAct: () => prove.mutate(way) })}
      onClose={cancelled}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (way !== undefined && ready) prove.mutate(way)
        }}
      >
        <SpaceBetween size="m">
          {way === undefined && <div>You signed in a while ago. Sign out and in again, then come back here.</div>}
          {way === 'passkey' && <div>Your browser will ask for the passkey.</div>}
          {way !== undefined && way !== 'passkey' && (
            <FormField label={LABELS[way]}>
              <Input
                key={way}
                autoFocus
                type={way === 'password' ? 'password' : 'text'}
                autoComplete={AUTOCOMPLETE[way]}
                value={text}
                onChange={({ detail }) => setText(detail.value)}
              />
            </FormField>
          )}
          <Failure error={prove.error} />
          <SpaceBetween direction="horizontal" size="xs">
            {ways
              .filter((other) => other !== way)
              .map((other) => (
                <Button
                  key={other}
                  variant="inline-link"
                  formAction="none"
                  onClick={() => {
                    setWay(other)
                    setText('')
                    prove.reset()
                  }}
                >
                  {LABELS[other]}
                </Button>
              ))}
          </SpaceBetween>
        </SpaceBetween>
      </form>
    </Dialog>
  )
}

async function proofOf(way: ProofKind, text: string): Promise<Proof> {
  if (way === 'passkey') return { passkey: await showPasskey(factors.askToConfirm) }
  if (way === 'password') return { password: text }
  return way === 'totp' ? { code: text } : { recoveryCode: text }
}
