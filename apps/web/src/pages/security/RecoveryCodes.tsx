import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { factors } from '../../cloud/connection.ts'
import { changed, factorList } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { useProof } from './proof.tsx'
import { ShownCodes } from './ShownCodes.tsx'

/** They come with the first factor; without any there is nothing they could stand in for. */
export function RecoveryCodes() {
  const { totp, passkeys, recoveryCodes } = useSuspenseQuery(factorList).data
  const withProof = useProof()
  const [asking, setAsking] = useState(false)
  const renew = useMutation({
    mutationFn: () => withProof(factors.renewRecoveryCodes),
    onSuccess: () => void changed('factors'),
  })
  if (!totp.enabled && passkeys.length === 0) return null
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="On paper or in a safe, for when the app or the passkey is gone."
          actions={<Button onClick={() => setAsking(true)}>Make new ones</Button>}
        >
          Recovery codes
        </Header>
      }
    >
      {recoveryCodes === 0 ? 'None is left.' : `${recoveryCodes} of them work still.`}
      {renew.data !== undefined && <ShownCodes codes={renew.data} onClose={renew.reset} />}
      {asking && (
        <Confirm
          title="Make new recovery codes?"
          act="Make new ones"
          onConfirm={() => renew.mutateAsync()}
          onClose={() => setAsking(false)}
        >
          The codes you have now stop working.
        </Confirm>
      )}
    </Container>
  )
}
