import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { identity } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { explain } from '../../ui/failure.ts'
import { useFirstFocus } from '../../ui/use-first-focus.ts'
import { useProof } from '../security/proof.tsx'
import { type Limits, refusalOf, scopesOf } from './limits.ts'
import { TokenLimits } from './TokenLimits.tsx'

const LIVES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Until revoked' },
]

export function CreateToken({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const field = useFirstFocus()
  const [life, setLife] = useState(LIVES[1]!)
  const [limits, setLimits] = useState<Limits>()
  const withProof = useProof()
  const refusal = limits && refusalOf(limits)
  const create = useMutation({
    mutationFn: () =>
      withProof(() =>
        identity.createToken(name.trim(), {
          ...(life.value === '' ? {} : { expiresAt: inDays(Number(life.value)) }),
          ...(limits === undefined ? {} : { scopes: scopesOf(limits) }),
        }),
      ),
    onSuccess: () => void changed('tokens'),
  })
  if (create.data !== undefined) {
    return (
      <Modal
        visible
        header={`Token “${create.data.name ?? name}”`}
        onDismiss={({ detail }) => detail.reason !== 'overlay' && onClose()}
        closeAriaLabel="Close"
        footer={
          <Box float="right">
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </Box>
        }
      >
        <SpaceBetween size="m">
          <Alert type="warning">This is the only time the token is shown. Copy it now.</Alert>
          <CopyText label="the token" text={create.data.token} />
        </SpaceBetween>
      </Modal>
    )
  }
  return (
    <Dialog
      title="Create a token"
      act="Create token"
      acting={create.isPending}
      ready={name.trim() !== '' && refusal === undefined}
      onAct={() => create.mutate()}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '' && refusal === undefined) create.mutate()
        }}
      >
        <SpaceBetween size="l">
          <FormField
            label="Name"
            description="The program or computer that will use it."
            errorText={create.error ? explain(create.error) : undefined}
          >
            <Input ref={field} value={name} onChange={({ detail }) => setName(detail.value)} />
          </FormField>
          <FormField label="Valid for">
            <Select
              selectedOption={life}
              options={LIVES}
              onChange={({ detail }) => setLife(detail.selectedOption as (typeof LIVES)[number])}
            />
          </FormField>
          <TokenLimits limits={limits} refusal={refusal} onChange={setLimits} />
        </SpaceBetween>
      </form>
    </Dialog>
  )
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString()
}
