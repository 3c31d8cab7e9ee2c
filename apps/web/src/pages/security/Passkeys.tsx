import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { Passkey } from '@synnefo/clients/factors'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { factors } from '../../cloud/connection.ts'
import { makePasskey, passkeysPossible } from '../../cloud/passkeys.ts'
import { changed, factorList } from '../../cloud/queries.ts'
import { AskName } from '../../ui/AskName.tsx'
import { Confirm } from '../../ui/Confirm.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { useNarrow } from '../../ui/use-narrow.ts'
import { When } from '../../ui/When.tsx'
import { useProof } from './proof.tsx'
import { ShownCodes } from './ShownCodes.tsx'

export function Passkeys() {
  const { passkeys, passkeysWork } = useSuspenseQuery(factorList).data
  const withProof = useProof()
  const narrow = useNarrow()
  const [adding, setAdding] = useState(false)
  const [renaming, setRenaming] = useState<Passkey>()
  const [removing, setRemoving] = useState<Passkey>()
  const [codes, setCodes] = useState<string[]>()
  const possible = passkeysWork && passkeysPossible()

  async function add(name: string) {
    const answer = await makePasskey(() => withProof(factors.askToRegister))
    const { recoveryCodes } = await withProof(() => factors.addPasskey(name, answer))
    setCodes(recoveryCodes)
    await changed('factors')
  }

  return (
    <>
      <Table
        variant="container"
        header={
          <Header
            variant="h2"
            counter={passkeys.length > 0 ? `(${passkeys.length})` : ''}
            description="Kept by this device, a phone or a security key. A passkey signs you in without a password, and only here."
            actions={
              <Button disabled={!possible} onClick={() => setAdding(true)}>
                Add passkey
              </Button>
            }
          >
            Passkeys
          </Header>
        }
        items={passkeys}
        trackBy="id"
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ({ name }) => name },
          ...(narrow ? [] : [{ id: 'created', header: 'Added', cell: ({ createdAt }: Passkey) => <When at={createdAt} /> }]),
          {
            id: 'used',
            header: 'Last used',
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : <When at={lastUsedAt} distance />),
          },
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: (passkey) => (
              <Box float="right">
                <SpaceBetween direction="horizontal" size="s">
                  <Button variant="inline-link" ariaLabel={`Rename ${passkey.name}`} onClick={() => setRenaming(passkey)}>
                    Rename
                  </Button>
                  <Button variant="inline-link" ariaLabel={`Remove ${passkey.name}`} onClick={() => setRemoving(passkey)}>
                    Remove
                  </Button>
                </SpaceBetween>
              </Box>
            ),
          },
        ]}
        empty={
          <EmptyState
            icon={Fingerprint}
            title="No passkeys"
            action={
              <Button disabled={!possible} onClick={() => setAdding(true)}>
                Add passkey
              </Button>
            }
          >
            {possible
              ? 'A finger, a face or a PIN in place of the password.'
              : 'This cloud needs a name and an encrypted address before browsers make passkeys for it.'}
          </EmptyState>
        }
      />
      {adding && (
        <AskName
          title="Add a passkey"
          label="Name"
          constraint="Where it is kept, such as the laptop or the blue key."
          act="Add passkey"
          onAnswer={add}
          onClose={() => setAdding(false)}
        />
      )}
      {renaming !== undefined && (
        <AskName
          title="Rename the passkey"
          label="Name"
          initial={renaming.name}
          act="Rename"
          onAnswer={async (name) => {
            await factors.renamePasskey(renaming.id, name)
            await changed('factors')
          }}
          onClose={() => setRenaming(undefined)}
        />
      )}
      {removing !== undefined && (
        <Confirm
          title={`Remove “${removing.name}”?`}
          act="Remove"
          onConfirm={() => withProof(() => factors.removePasskey(removing.id))}
          onDone={() => void changed('factors')}
          onClose={() => setRemoving(undefined)}
        >
          It will no longer sign you in. Remove it from the device as well.
        </Confirm>
      )}
      {codes !== undefined && <ShownCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </>
  )
}
