import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { factors } from '../../cloud/connection.ts'
import { changed, factorList } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { CopyText } from '../../ui/CopyText.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { explain } from '../../ui/failure.ts'
import { When } from '../../ui/When.tsx'
import { useProof } from './proof.tsx'
import { QrCode } from './QrCode.tsx'
import { ShownCodes } from './ShownCodes.tsx'
import './security.css'
import { Dialog } from '../../ui/Dialog.tsx'

export function AuthenticatorApp() {
  const { totp } = useSuspenseQuery(factorList).data
  const withProof = useProof()
  const [removing, setRemoving] = useState(false)
  const [codes, setCodes] = useState<string[]>()
  const propose = useMutation({ mutationFn: () => withProof(factors.setUpTotp) })
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="A code of six digits that an app on your phone shows, asked for after the password."
          actions={
            totp.enabled ? (
              <Button onClick={() => setRemoving(true)}>Remove</Button>
            ) : (
              <Button loading={propose.isPending} onClick={() => propose.mutate()}>
                Set up
              </Button>
            )
          }
        >
          Authenticator app
        </Header>
      }
    >
      {totp.enabled && totp.since !== null ? (
        <>
          In use since <When at={totp.since} />.
        </>
      ) : (
        <span className="soft">Not set up.</span>
      )}
      <Failure error={propose.error} />
      {propose.data !== undefined && (
        <SetUp
          {...propose.data}
          onClose={propose.reset}
          onDone={(recoveryCodes) => {
            propose.reset()
            setCodes(recoveryCodes)
          }}
        />
      )}
      {codes !== undefined && <ShownCodes codes={codes} onClose={() => setCodes(undefined)} />}
      {removing && (
        <Confirm
          title="Remove the authenticator app?"
          act="Remove"
          onConfirm={() => withProof(factors.disableTotp)}
          onDone={() => void changed('factors')}
          onClose={() => setRemoving(false)}
        >
          Its codes will no longer be asked for when you sign in.
        </Confirm>
      )}
    </Container>
  )
}

interface SetUpProps {
  secret: string
  url: string
  onClose: () => void
  onDone: (recoveryCodes: string[] | undefined) => void
}

function SetUp({ secret, url, onClose, onDone }: SetUpProps) {
  const withProof = useProof()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => withProof(() => factors.confirmTotp(code)),
    onSuccess: ({ recoveryCodes }) => {
      void changed('factors')
      onDone(recoveryCodes)
    },
    onError: () => setCode(''),
  })
  return (
    <Dialog
      shownOnce
      title="Set up an authenticator app"
      act="Confirm"
      acting={confirm.isPending}
      ready={code !== ''}
      onAct={() => confirm.mutate()}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (code !== '') confirm.mutate()
        }}
      >
        <SpaceBetween size="l">
          <Alert type="info">The secret is shown this once. It counts when the app has shown its first code.</Alert>
          <div className="totp-secret">
            <QrCode text={url} label="QR code of the secret" />
            <FormField label="Secret" description="Scan the code with the app. Where that does not work, type this.">
              <CopyText label="the secret" text={secret} />
              <a href={url}>Open in an app on this device</a>
            </FormField>
          </div>
          <FormField label="Code" errorText={confirm.error ? explain(confirm.error) : undefined}>
            <Input
              autoFocus
              inputMode="numeric"
              autoComplete="one-time-code"
              placeholder="123 456"
              value={code}
              onChange={({ detail }) => setCode(detail.value)}
            />
          </FormField>
        </SpaceBetween>
      </form>
    </Dialog>
  )
}
