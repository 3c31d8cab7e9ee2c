import Badge from '@cloudscape-design/components/badge'
import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { Network } from '@synnefo/clients/network'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Network as NetworkIcon } from 'lucide-react'
import { Link } from 'react-router'
import { networkList, queryClient, serverList, subnetList } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'

export const loader = () =>
  Promise.all([
    queryClient.ensureQueryData(networkList),
    queryClient.ensureQueryData(subnetList),
    queryClient.ensureQueryData(serverList),
  ])

export default function NetworksPage() {
  const { data: networks } = useSuspenseQuery(networkList)
  const { data: subnets } = useSuspenseQuery(subnetList)
  const { data: servers } = useSuspenseQuery(serverList)
  const narrow = useNarrow()
  const subnetsOf = ({ id }: Network) => subnets.filter(({ network_id }) => String(network_id) === id)
  const serversOn = ({ id }: Network) =>
    servers.filter(({ attachments }) => attachments.some(({ network_id }) => String(network_id) === id))
  // Public ones first, as everybody's servers are there.
  const ordered = networks.toSorted((a, b) => Number(b.public) - Number(a.public) || Number(a.id) - Number(b.id))
  return (
    <Page title="Networks" description="Where servers get their addresses. Every new server has one on the public network.">
      <Table
        variant="container"
        items={ordered}
        trackBy="id"
        header={
          <Header variant="h2" counter={`(${networks.length})`}>
            Networks
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (network) => (
              <div className="breakable">
                <strong>{network.name || '(no name set)'}</strong>
                {narrow && (
                  <div className="soft small">
                    {subnetsOf(network)
                      .map(({ cidr }) => cidr)
                      .join(', ')}
                  </div>
                )}
              </div>
            ),
          },
          {
            id: 'access',
            header: 'Access',
            cell: (network) => (network.public ? <Badge color="blue">Public</Badge> : <Badge>Private</Badge>),
          },
          ...(narrow
            ? []
            : [
                {
                  id: 'cidr',
                  header: 'Addresses',
                  cell: (network: Network) =>
                    subnetsOf(network)
                      .map(({ cidr }) => cidr)
                      .join(', ') || '–',
                },
                {
                  id: 'gateway',
                  header: 'Gateway',
                  cell: (network: Network) =>
                    subnetsOf(network)
                      .map(({ gateway_ip }) => gateway_ip ?? 'none')
                      .join(', ') || '–',
                },
                {
                  id: 'servers',
                  header: 'Your servers on it',
                  cell: (network: Network) => (
                    <span className="comma-list">
                      {serversOn(network)
                        .slice(0, 5)
                        .map(({ id, name }) => (
                          <Link key={id} to={`/servers/${id}`}>
                            {name}
                          </Link>
                        ))}
                      {serversOn(network).length > 5 && <span>and {serversOn(network).length - 5} more</span>}
                      {serversOn(network).length === 0 && '–'}
                    </span>
                  ),
                },
              ]),
          { id: 'status', header: 'State', cell: (network) => <NetworkState status={network.status} /> },
        ]}
        empty={
          <EmptyState icon={NetworkIcon} title="No networks">
            An administrator has to set up the public network first.
          </EmptyState>
        }
      />
    </Page>
  )
}

function NetworkState({ status }: { status: string }) {
  if (status === 'ACTIVE') return <StatusIndicator type="success">Active</StatusIndicator>
  if (status === 'SNF:DRAINED') return <StatusIndicator type="warning">Drained</StatusIndicator>
  if (status === 'ERROR') return <StatusIndicator type="error">Error</StatusIndicator>
  return <StatusIndicator type="pending">{status.charAt(0) + status.slice(1).toLowerCase()}</StatusIndicator>
}
