import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { Token } from '@synnefo/clients/identity'
import { describeScope, parseScope } from '@synnefo/identity/wire/token-scopes.ts'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { identity } from '../cloud/connection.ts'
import { catalog, changed, factorList, queryClient, tokenList } from '../cloud/queries.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { CopyText } from '../ui/CopyText.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Facts } from '../ui/Facts.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import { CreateToken } from './access/CreateToken.tsx'
import { ProofKeeper } from './security/proof.tsx'

export const loader = () =>
  Promise.all([
    queryClient.ensureQueryData(tokenList),
    queryClient.ensureQueryData(catalog),
    queryClient.ensureQueryData(factorList),
  ])

export default function AccessPage() {
  return (
    <Page title="API access" description="What kamaki, scripts and other OpenStack clients need to work in your name.">
      <ClassicToken />
      <ProofKeeper>
        <NamedTokens />
      </ProofKeeper>
      <Endpoints />
    </Page>
  )
}

/** The one token that every account has. It is asked for when it is to be seen, and forgotten when the page is left. */
function ClassicToken() {
  const { data: services } = useSuspenseQuery(catalog)
  const [renewing, setRenewing] = useState(false)
  const show = useMutation({ mutationFn: identity.classicToken })
  const authentication = services.find(({ type }) => type === 'identity')?.endpoints[0]?.publicURL ?? ''
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => setRenewing(true)}>Renew token</Button>
              <Button href={identity.kamakircUrl} download=".kamakirc" iconName="download">
                .kamakirc
              </Button>
            </SpaceBetween>
          }
          description="Keep the token secret: whoever has it can do what you can do."
        >
          Your token
        </Header>
      }
    >
      <Facts
        facts={[
          ['Authentication URL', <CopyText key="url" label="the authentication URL" text={authentication} />],
          [
            'Token',
            show.data === undefined ? (
              <>
                <Button loading={show.isPending} onClick={() => show.mutate()}>
                  Show token
                </Button>
                <Failure error={show.error} />
              </>
            ) : (
              <CopyText key="token" label="the token" text={show.data.token} />
            ),
          ],
          ...(show.data?.expiresAt
            ? [
                [
                  'Valid until',
                  <>
                    <When at={show.data.expiresAt} />{' '}
                    <span className="soft">
                      (<When at={show.data.expiresAt} distance />)
                    </span>
                  </>,
                ] as const,
              ]
            : []),
          ['kamaki', 'Save the file as .kamakirc in your home folder; it holds the address and the token.'],
          ['OpenStack clients', 'Use your user id as the name and the token as the password.'],
        ]}
      />
      {renewing && (
        <Confirm
          title="Renew your token?"
          act="Renew"
          onConfirm={identity.renewClassicToken}
          onDone={() => show.mutate()}
          onClose={() => setRenewing(false)}
        >
          The present token stops working at once. Programs that use it need the new one. Named tokens are not affected.
        </Confirm>
      )}
    </Container>
  )
}

function NamedTokens() {
  const { data: tokens } = useSuspenseQuery(tokenList)
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<Token>()
  const narrow = useNarrow()
  const named = tokens.filter(({ classic }) => !classic)
  return (
    <>
      <Table
        variant="container"
        header={
          <Header
            variant="h2"
            counter={named.length > 0 ? `(${named.length})` : ''}
            description="One for each program, so that each can be revoked alone."
            actions={<Button onClick={() => setCreating(true)}>Create token</Button>}
          >
            Named tokens
          </Header>
        }
        items={named}
        trackBy={({ id }) => String(id)}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ({ name }) => name },
          ...(narrow ? [] : [{ id: 'created', header: 'Created', cell: ({ createdAt }: Token) => <When at={createdAt} /> }]),
          { id: 'limits', header: 'Good for', cell: ({ scopes }) => limitsOf(scopes) },
          ...(narrow
            ? []
            : [
                {
                  id: 'used',
                  header: 'Last used',
                  cell: ({ lastUsedAt }: Token) => (lastUsedAt ? <When at={lastUsedAt} distance /> : 'Never'),
                },
              ]),
          {
            id: 'expires',
            header: 'Expires',
            cell: ({ expiresAt }) => (expiresAt ? <When at={expiresAt} distance={narrow} /> : 'Never'),
          },
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: (token) => (
              <Box float="right">
                <Button variant="inline-link" ariaLabel={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                  Revoke
                </Button>
              </Box>
            ),
          },
        ]}
        empty={
          <EmptyState
            icon={KeyRound}
            title="No named tokens"
            action={<Button onClick={() => setCreating(true)}>Create token</Button>}
          >
            A token of its own for each program keeps the others working when one has to go.
          </EmptyState>
        }
      />
      {creating && <CreateToken onClose={() => setCreating(false)} />}
      {revoking !== undefined && (
        <Confirm
          title={`Revoke “${revoking.name}”?`}
          act="Revoke"
          onConfirm={() => identity.revokeToken(revoking.id)}
          onDone={() => void changed('tokens')}
          onClose={() => setRevoking(undefined)}
        >
          Programs that use it stop working at once. This cannot be taken back.
        </Confirm>
      )}
    </>
  )
}

/** In words; a scope that this page does not know is shown as it is written. */
function limitsOf(scopes: Token['scopes']): string {
  if (scopes === null) return 'Everything'
  return scopes.map((text) => upperFirst(inWords(text))).join('; ')
}

function inWords(text: string): string {
  const scope = parseScope(text)
  return scope ? describeScope(scope) : text
}

const upperFirst = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

function Endpoints() {
  const { data: services } = useSuspenseQuery(catalog)
  const rows = services.flatMap(({ name, type, endpoints }) => endpoints.map(({ publicURL }) => ({ name, type, publicURL })))
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description="Clients find these by themselves, from the authentication URL.">
          Endpoints
        </Header>
      }
      items={rows}
      trackBy="name"
      columnDefinitions={[
        { id: 'type', header: 'Service', isRowHeader: true, cell: ({ type }) => type },
        {
          id: 'url',
          header: 'Address',
          cell: ({ publicURL, type }) => <CopyText label={`the address of ${type}`} text={publicURL} />,
        },
      ]}
      empty="No services are registered."
    />
  )
}
