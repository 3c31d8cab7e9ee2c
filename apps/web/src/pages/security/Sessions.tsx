import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import type { OwnSession } from '@synnefo/clients/factors'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { factors } from '../../cloud/connection.ts'
import { changed, sessionList } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { useNarrow } from '../../ui/use-narrow.ts'
import { When } from '../../ui/When.tsx'

/** Ways to sign in whose name alone says little. */
const METHODS: Record<string, string> = { local: 'Password', passkey: 'Passkey', activation: 'Link in the mail' }

export function Sessions() {
  const { data: sessions } = useSuspenseQuery(sessionList)
  const narrow = useNarrow()
  const [endingAll, setEndingAll] = useState(false)
  const end = useMutation({ mutationFn: factors.endSession, onSuccess: () => void changed('sessions') })
  return (
    <>
      <Failure error={end.error} onDismiss={end.reset} />
      <Table
        variant="container"
        header={
          <Header
            variant="h2"
            counter={`(${sessions.length})`}
            description="Browsers that are signed in as you."
            actions={
              <Button disabled={sessions.length < 2} onClick={() => setEndingAll(true)}>
                End all others
              </Button>
            }
          >
            Sessions
          </Header>
        }
        items={sessions}
        trackBy="id"
        columnDefinitions={[
          {
            id: 'browser',
            header: 'Browser',
            isRowHeader: true,
            cell: ({ browser, current, address }) => (
              <>
                <div>{browser}</div>
                {narrow && <div className="soft">{address}</div>}
                {current && <Badge color="green">This one</Badge>}
              </>
            ),
          },
          ...(narrow
            ? []
            : [
                { id: 'address', header: 'Address', cell: ({ address }: OwnSession) => address },
                {
                  id: 'method',
                  header: 'Signed in with',
                  cell: ({ method }: OwnSession) => METHODS[method] ?? method,
                },
                { id: 'created', header: 'Since', cell: ({ createdAt }: OwnSession) => <When at={createdAt} /> },
              ]),
          { id: 'seen', header: 'Last seen', cell: ({ lastSeenAt }) => <When at={lastSeenAt} distance /> },
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: ({ id, browser, address, current }) =>
              !current && (
                <Box float="right">
                  <Button variant="inline-link" ariaLabel={`End ${browser} at ${address}`} onClick={() => end.mutate(id)}>
                    End
                  </Button>
                </Box>
              ),
          },
        ]}
      />
      {endingAll && (
        <Confirm
          title="End all other sessions?"
          act="End them"
          onConfirm={factors.endOtherSessions}
          onDone={() => void changed('sessions')}
          onClose={() => setEndingAll(false)}
        >
          You stay signed in here, and have to sign in again everywhere else.
        </Confirm>
      )}
    </>
  )
}
