import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import type { KeyPair } from '@synnefo/clients/compute'
import { useSuspenseQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { compute } from '../cloud/connection.ts'
import { changed, keyPairList, queryClient } from '../cloud/queries.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { CopyText } from '../ui/CopyText.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { AddKey } from './keys/AddKey.tsx'

export const loader = () => queryClient.ensureQueryData(keyPairList)

export default function KeysPage() {
  const { data: keys } = useSuspenseQuery(keyPairList)
  const [adding, setAdding] = useState(false)
  const [deleting, setDeleting] = useState<KeyPair>()
  const narrow = useNarrow()
  const addButton = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      Add SSH key
    </Button>
  )
  return (
    <Page
      title="SSH keys"
      description="Chosen when a server is created, a key lets you log in to it without a password."
      actions={addButton}
    >
      <Table
        variant="container"
        items={keys}
        trackBy="name"
        header={
          <Header variant="h2" counter={`(${keys.length})`}>
            Your keys
          </Header>
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ({ name }) => <span className="breakable">{name}</span> },
          ...(narrow
            ? []
            : [
                { id: 'type', header: 'Type', cell: ({ public_key }: KeyPair) => typeOf(public_key) },
                {
                  id: 'fingerprint',
                  header: 'Fingerprint',
                  cell: ({ name, fingerprint }: KeyPair) => <CopyText label={`the fingerprint of ${name}`} text={fingerprint} />,
                },
              ]),
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: (key) => (
              <Box float="right">
                <Button variant="icon" iconName="remove" ariaLabel={`Delete ${key.name}`} onClick={() => setDeleting(key)} />
              </Box>
            ),
          },
        ]}
        empty={
          <EmptyState icon={KeyRound} title="No SSH keys yet" action={addButton}>
            Add the public half of a key you have, or have a new pair made.
          </EmptyState>
        }
      />
      {adding && <AddKey onClose={() => setAdding(false)} />}
      {deleting !== undefined && (
        <Confirm
          title={`Delete the key “${deleting.name}”?`}
          act="Delete key"
          onConfirm={() => compute.deleteKeyPair(deleting.name)}
          onDone={() => void changed('keypairs')}
          onClose={() => setDeleting(undefined)}
        >
          Servers that have it keep it. New servers can no longer be given it.
        </Confirm>
      )}
    </Page>
  )
}

const typeOf = (publicKey: string) => publicKey.split(' ')[0]?.replace(/^ssh-|-nistp\d+$/g, '') ?? ''
