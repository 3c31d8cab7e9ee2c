import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import type { Server } from '@synnefo/clients/compute'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { flavorList, imageList, networkList, volumeList } from '../../cloud/queries.ts'
import { addressesOf } from '../../cloud/servers.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'

export function ServerOverview({ server }: { server: Server }) {
  const { data: flavors } = useSuspenseQuery(flavorList)
  const { data: images } = useSuspenseQuery(imageList)
  const { data: networks } = useSuspenseQuery(networkList)
  const { data: volumes } = useSuspenseQuery(volumeList)
  const flavor = flavors.find(({ id }) => id === server.flavor.id)
  const image = images.find(({ id }) => id === server.image.id)
  const disks = volumes.filter(({ attachments }) => attachments.some(({ server_id }) => server_id === server.id))
  const [address] = addressesOf(server)
  const user = server.metadata['users']?.split(' ')[0] ?? 'root'
  const keys = server['SNF:key_names'] ?? (server.key_name === null ? [] : [server.key_name])

  return (
    <div className="server-panels">
      <Container header={<Header variant="h2">Server</Header>}>
        <Facts
          facts={[
            ['Size', flavor === undefined ? 'Unknown' : `${flavor.vcpus} CPU, ${formatBytes(flavor.ram * 2 ** 20)} memory`],
            [
              'Image',
              image === undefined ? (
                'Deleted'
              ) : (
                <Link key="image" to={`/images/${image.id}`}>
                  {image.name}
                </Link>
              ),
            ],
            ['SSH keys', keys.length > 0 ? keys.join(', ') : 'None: log in with the password'],
            ['Created', <When key="created" at={server.created} />],
            ['Changed', <When key="updated" at={server.updated} />],
            ...(server['SNF:fqdn']
              ? [['Host name', <CopyText key="fqdn" label="the host name" text={server['SNF:fqdn']} />] as const]
              : []),
            ['Server id', String(server.id)],
          ]}
        />
      </Container>
      <div className="server-column">
        <Container header={<Header variant="h2">Network</Header>}>
          {server.attachments.length === 0 ? (
            <p className="soft">
              {server.status === 'BUILD'
                ? 'Its address appears when it is built.'
                : 'Not connected: reachable by its consoles only.'}
            </p>
          ) : (
            <Facts
              facts={[
                ...server.attachments.map(({ id, network_id, mac_address, ipv4, ipv6 }) => {
                  const network = networks.find((other) => other.id === String(network_id))
                  return [
                    network?.name || `Network ${network_id}`,
                    <span key={id}>
                      {[ipv4, ipv6].filter(Boolean).map((text) => (
                        <CopyText key={text} label="the address" text={text} />
                      ))}
                      <span className="soft small mono"> {mac_address}</span>
                    </span>,
                  ] as const
                }),
                ...(address !== undefined
                  ? [['Log in', <CopyText key="ssh" label="the command" text={`ssh ${user}@${address}`} />] as const]
                  : []),
              ]}
            />
          )}
        </Container>
        <Container header={<Header variant="h2">Disks</Header>}>
          {disks.length === 0 ? (
            <p className="soft">{server.status === 'BUILD' ? 'Its disk is being made.' : 'None.'}</p>
          ) : (
            <Facts
              facts={disks
                .toSorted((a, b) => (a.attachments[0]?.device_index ?? 0) - (b.attachments[0]?.device_index ?? 0))
                .map(({ id, size, status, display_name, attachments }) => [
                  attachments[0]?.device_index === 0 ? 'Boot disk' : (display_name ?? `Disk ${id}`),
                  `${size} GiB, ${status.replace('_', ' ')}`,
                ])}
            />
          )}
        </Container>
        {Object.keys(server.metadata).length > 0 && (
          <Container header={<Header variant="h2">Metadata</Header>}>
            <Facts facts={Object.entries(server.metadata)} />
          </Container>
        )}
      </div>
    </div>
  )
}
