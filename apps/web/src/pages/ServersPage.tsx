import { useCollection } from '@cloudscape-design/collection-hooks'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { Server } from '@synnefo/clients/compute'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Server as ServerIcon, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { flavorList, imageList, queryClient, serverList } from '../cloud/queries.ts'
import { refusalOf } from '../cloud/server-actions.ts'
import { addressesOf, describeState } from '../cloud/servers.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import { DeleteServers } from './servers/DeleteServers.tsx'
import { RenameServer } from './servers/RenameServer.tsx'
import { ServerState } from './servers/ServerState.tsx'
import type { PowerAction } from './servers/use-server-actions.ts'
import { POWER, POWER_ACTIONS, useServerActions } from './servers/use-server-actions.ts'
import './servers/servers.css'

export const loader = () =>
  Promise.all([
    queryClient.ensureQueryData(serverList),
    queryClient.ensureQueryData(flavorList),
    queryClient.ensureQueryData(imageList),
  ])

const ON_A_PAGE = 50

export default function ServersPage() {
  const { data: servers } = useSuspenseQuery(serverList)
  const { data: flavors } = useSuspenseQuery(flavorList)
  const { data: images } = useSuspenseQuery(imageList)
  const navigate = useNavigate()
  const narrow = useNarrow()
  const [dialog, setDialog] = useState<{ kind: 'delete'; servers: Server[] } | { kind: 'rename'; server: Server }>()
  const { act, isAsking, failureOf, forget } = useServerActions()

  const createButton = (
    <Button variant="primary" onClick={() => void navigate('/servers/new')}>
      Create server
    </Button>
  )
  const sizeOf = ({ flavor }: Server) => {
    const size = flavors.find(({ id }) => id === flavor.id)
    return size === undefined ? '–' : `${size.vcpus} CPU · ${formatBytes(size.ram * 2 ** 20)} · ${size.disk} GiB`
  }
  const imageOf = ({ image }: Server) => images.find(({ id }) => id === image.id)?.name ?? '–'

  const { items, actions, collectionProps, filterProps, paginationProps } = useCollection(servers, {
    filtering: {
      filteringFunction: (server, words) =>
        `${server.name} ${describeState(server).text} ${addressesOf(server).join(' ')} ${imageOf(server)}`
          .toLowerCase()
          .includes(words.toLowerCase()),
      empty: (
        <EmptyState icon={ServerIcon} title="No servers yet" action={createButton}>
          A server is a machine of your own. Choose an image and a size, and it boots.
        </EmptyState>
      ),
      noMatch: (
        <EmptyState
          icon={ServerIcon}
          title="No server fits"
          action={<Button onClick={() => actions.setFiltering('')}>Show all</Button>}
        />
      ),
    },
    sorting: { defaultState: { sortingColumn: { sortingField: 'id' }, isDescending: true } },
    pagination: { pageSize: ON_A_PAGE },
    selection: { keepSelection: true, trackBy: 'id' },
  })
  // What is selected is looked up again, since the servers go on changing.
  const selected = servers.filter(({ id }) => collectionProps.selectedItems?.some((server) => server.id === id))
  const refusalForAll = (action: PowerAction | 'DESTROY') => {
    for (const server of selected) {
      const reason = refusalOf(action, server)
      if (reason !== undefined) return `${server.name}: ${reason}`
    }
    return undefined
  }
  const menuOf = (server: Server) => [
    ...POWER_ACTIONS.map((action) => menuItem(action, POWER[action].text, refusalOf(action, server))),
    menuItem('RENAME', 'Rename', refusalOf('RENAME', server)),
    menuItem('DESTROY', 'Delete', refusalOf('DESTROY', server)),
  ]
  const choose = (server: Server, action: string) => {
    if (action === 'DESTROY') setDialog({ kind: 'delete', servers: [server] })
    else if (action === 'RENAME') setDialog({ kind: 'rename', server })
    else void act(action as PowerAction, server)
  }

  return (
    <Page title="Servers" actions={createButton}>
      <Table
        {...collectionProps}
        variant="container"
        items={items}
        selectionType="multi"
        ariaLabels={{
          selectionGroupLabel: 'Selection',
          allItemsSelectionLabel: () => 'Select all servers',
          itemSelectionLabel: (_, { name }) => `Select ${name}`,
        }}
        header={
          <Header
            variant="h2"
            counter={selected.length > 0 ? `(${selected.length} of ${servers.length})` : `(${servers.length})`}
            actions={
              selected.length > 0 && (
                <SpaceBetween direction="horizontal" size="xs">
                  {POWER_ACTIONS.map((action) => (
                    <Button
                      key={action}
                      disabled={refusalForAll(action) !== undefined}
                      disabledReason={refusalForAll(action)}
                      onClick={() => selected.forEach((server) => void act(action, server))}
                    >
                      {POWER[action].text}
                    </Button>
                  ))}
                  <Button
                    disabled={refusalForAll('DESTROY') !== undefined}
                    disabledReason={refusalForAll('DESTROY')}
                    onClick={() => setDialog({ kind: 'delete', servers: selected })}
                  >
                    Delete
                  </Button>
                </SpaceBetween>
              )
            }
          >
            Your servers
          </Header>
        }
        filter={
          servers.length > 0 && (
            <TextFilter
              {...filterProps}
              filteringPlaceholder="Find by name, state, address or image"
              filteringAriaLabel="Find servers"
            />
          )
        }
        pagination={servers.length > ON_A_PAGE && <Pagination {...paginationProps} />}
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            sortingField: 'name',
            isRowHeader: true,
            cell: (server) => (
              <span className="server-name">
                <Link to={`/servers/${server.id}`}>{server.name}</Link>
                {narrow && <ServerState server={server} />}
                {narrow && <span className="soft small">{addressesOf(server).join(', ')}</span>}
                <RowFailure text={failureOf(server)} onDismiss={() => forget(server.id)} />
              </span>
            ),
          },
          ...(narrow
            ? []
            : [
                {
                  id: 'state',
                  header: 'State',
                  sortingField: 'status',
                  cell: (server: Server) => <ServerState server={server} />,
                },
                { id: 'address', header: 'Address', cell: (server: Server) => addressesOf(server).join(', ') || '–' },
                { id: 'size', header: 'Size', cell: sizeOf },
                { id: 'image', header: 'Image', cell: imageOf },
                {
                  id: 'created',
                  header: 'Created',
                  sortingField: 'created',
                  cell: ({ created }: Server) => <When at={created} distance />,
                },
              ]),
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: (server) => (
              <ButtonDropdown
                variant="icon"
                expandToViewport
                loading={isAsking(server)}
                ariaLabel={`What to do with ${server.name}`}
                items={menuOf(server)}
                onItemClick={({ detail }) => choose(server, detail.id)}
              />
            ),
          },
        ]}
      />
      {dialog?.kind === 'delete' && (
        <DeleteServers
          servers={dialog.servers}
          onDone={() => actions.setSelectedItems([])}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog?.kind === 'rename' && <RenameServer server={dialog.server} onClose={() => setDialog(undefined)} />}
    </Page>
  )
}

const menuItem = (id: string, text: string, reason: string | undefined) => ({
  id,
  text,
  disabled: reason !== undefined,
  ...(reason ? { disabledReason: reason } : {}),
})

function RowFailure({ text, onDismiss }: { text: string | undefined; onDismiss: () => void }) {
  if (text === undefined) return null
  return (
    <span className="row-failure" role="alert">
      <TriangleAlert size={14} aria-hidden />
      <span>{text}</span>
      <button type="button" onClick={onDismiss}>
        Close
      </button>
    </span>
  )
}
