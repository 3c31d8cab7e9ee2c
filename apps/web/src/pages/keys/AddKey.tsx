import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { compute } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { blamedField, explain } from '../../ui/failure.ts'
import { useFirstFocus } from '../../ui/use-first-focus.ts'

const WORDS = { key: /public.?key|valid ssh|key material|30000/i, name: /name|exist/i }

/** Takes the public half of a key, or has a pair made and hands out the private half once. */
export function AddKey({ onAdded, onClose }: { onAdded?: (name: string) => void; onClose: () => void }) {
  const [way, setWay] = useState('import')
  const [name, setName] = useState('')
  const field = useFirstFocus()
  const [publicKey, setPublicKey] = useState('')
  const add = useMutation({
    mutationFn: () => compute.createKeyPair(name.trim(), way === 'import' ? publicKey.trim() : undefined),
    async onSuccess(key) {
      await changed('keypairs')
      onAdded?.(key.name)
      if (key.private_key === undefined) onClose()
    },
  })
  const blamed = blamedField(add.error, WORDS)
  const ready = name.trim() !== '' && (way === 'generate' || publicKey.trim() !== '')

  if (add.data?.private_key !== undefined)
    return <PrivateKey name={add.data.name} text={add.data.private_key} onClose={onClose} />
  return (
    <Dialog
      title="Add an SSH key"
      act={way === 'import' ? 'Add key' : 'Make a pair'}
      acting={add.isPending}
      ready={ready}
      onAct={() => add.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="l">
        <SegmentedControl
          label="Where the key comes from"
          selectedId={way}
          options={[
            { id: 'import', text: 'I have a key' },
            { id: 'generate', text: 'Make a new one' },
          ]}
          onChange={({ detail }) => {
            setWay(detail.selectedId)
            add.reset()
          }}
        />
        <FormField label="Name" errorText={blamed === 'name' ? explain(add.error) : undefined}>
          <Input ref={field} value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        {way === 'import' ? (
          <FormField
            label="Public key"
            description="The content of a file such as ~/.ssh/id_ed25519.pub"
            errorText={blamed === 'key' ? explain(add.error) : undefined}
          >
            <Textarea
              rows={5}
              spellcheck={false}
              placeholder="ssh-ed25519 AAAA… me@laptop"
              value={publicKey}
              onChange={({ detail }) => {
                setPublicKey(detail.value)
                // The comment of a key is what most people call it.
                const comment = detail.value.trim().split(/\s+/)[2]
                if (name === '' && comment !== undefined) setName(comment)
              }}
            />
          </FormField>
        ) : (
          <p className="soft">
            The cloud makes a pair and keeps the public half. The private half is handed to you once and kept nowhere.
          </p>
        )}
        {blamed === '' && <Failure error={add.error} />}
      </SpaceBetween>
    </Dialog>
  )
}

function PrivateKey({ name, text, onClose }: { name: string; text: string; onClose: () => void }) {
  const [saved, setSaved] = useState(false)
  const save = () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-pem-file' }))
    link.download = `${name.replaceAll(/[^\w.-]+/g, '-')}.pem`
    link.click()
    URL.revokeObjectURL(link.href)
    setSaved(true)
  }
  return (
    <Modal
      visible
      header={`The private key of “${name}”`}
      onDismiss={({ detail }) => detail.reason !== 'overlay' && onClose()}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant={saved ? 'normal' : 'primary'} iconName="download" onClick={save}>
              Save the private key
            </Button>
            <Button variant={saved ? 'primary' : 'normal'} onClick={onClose}>
              Done
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">This is the only time it is shown. Without it the key is of no use.</Alert>
        <p>
          Keep it where only you can read it, then log in with{' '}
          <code className="mono">ssh -i {name.replaceAll(/[^\w.-]+/g, '-')}.pem …</code>
        </p>
      </SpaceBetween>
    </Modal>
  )
}
