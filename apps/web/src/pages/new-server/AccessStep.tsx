import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { keyPairList, networkList } from '../../cloud/queries.ts'
import { AddKey } from '../keys/AddKey.tsx'
import { Choices } from './Choices.tsx'
import type { ServerDraft } from './draft.ts'
import { customisation } from './draft.ts'

interface AccessStepProps {
  draft: ServerDraft
  onChange: (change: Partial<ServerDraft>) => void
  nameProblem: string | undefined
}

export function AccessStep({ draft, onChange, nameProblem }: AccessStepProps) {
  const { data: networks } = useSuspenseQuery(networkList)
  const { data: keys } = useSuspenseQuery(keyPairList)
  const [adding, setAdding] = useState(false)
  const privates = networks.filter((network) => !network.public && network.status === 'ACTIVE')
  const toggle = (list: string[], id: string) => (list.includes(id) ? list.filter((other) => other !== id) : [...list, id])
  const possible = draft.image === undefined ? undefined : customisation(draft.image)
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">What should it be called?</Header>}>
        <FormField label="Name" errorText={nameProblem}>
          <Input value={draft.name} onChange={({ detail }) => onChange({ name: detail.value })} />
        </FormField>
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="Their owners can log in over SSH."
            actions={<Button onClick={() => setAdding(true)}>Add SSH key</Button>}
          >
            SSH keys
          </Header>
        }
      >
        <SpaceBetween size="m">
          {possible?.keys === false && <Alert type="info">Keys cannot be put into machines of this image.</Alert>}
          {keys.length === 0 ? (
            <p className="soft">You have no keys yet. Without one you log in with the password that you get at the end.</p>
          ) : (
            <Choices
              many
              label="SSH keys"
              chosen={draft.keys}
              onChoose={(name) => onChange({ keys: toggle(draft.keys, name) })}
              choices={keys.map(({ name, fingerprint }) => ({
                id: name,
                refusal: possible?.keys === false ? 'Not possible with this image' : undefined,
                content: (
                  <span className="choice-lines">
                    <strong>{name}</strong>
                    <span className="soft small mono">{fingerprint.slice(0, 23)}…</span>
                  </span>
                ),
              }))}
            />
          )}
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Network</Header>}>
        <SpaceBetween size="m">
          <Choices
            label="Network"
            chosen={[draft.network]}
            onChoose={(network) => onChange({ network: network as ServerDraft['network'] })}
            choices={[
              { id: 'default', content: <Words title="Public" text="An address on the public network, given by the cloud." /> },
              {
                id: 'private',
                refusal: privates.length === 0 ? 'You have no private networks' : undefined,
                content: <Words title="Private only" text="Only networks of your own." />,
              },
              { id: 'none', content: <Words title="None" text="Reachable by its consoles only." /> },
            ]}
          />
          {draft.network === 'private' && (
            <Choices
              many
              label="Private networks"
              chosen={draft.privateNetworks}
              onChoose={(id) => onChange({ privateNetworks: toggle(draft.privateNetworks, id) })}
              choices={privates.map(({ id, name }) => ({ id, content: <strong>{name || `Network ${id}`}</strong> }))}
            />
          )}
        </SpaceBetween>
      </Container>
      {adding && <AddKey onAdded={(name) => onChange({ keys: [...draft.keys, name] })} onClose={() => setAdding(false)} />}
    </SpaceBetween>
  )
}

function Words({ title, text }: { title: string; text: string }) {
  return (
    <span className="choice-lines">
      <strong>{title}</strong>
      <span className="soft small">{text}</span>
    </span>
  )
}
