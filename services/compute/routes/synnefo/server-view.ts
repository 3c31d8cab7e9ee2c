import { dateText, linksTo } from '@synnefo/lib/http'
// The server object of the wire (§3.2).
import type { ServerPort } from '@synnefo/network'
import type { Compute } from '../../compute.ts'
import type { ServerView } from '../../servers/view.ts'
import type { DiagnosticRow } from '../../store/server-parts.ts'
import type { ServerRow } from '../../store/servers.ts'
import { statusOf, TASK_STATES } from '../../wire/server-states.ts'

const addressType = (floating: boolean) => (floating ? 'floating' : 'fixed')

export const briefServer = (compute: Compute, { id, name }: Pick<ServerRow, 'id' | 'name'>) => ({
  id,
  name,
  links: linksTo(`${compute.baseUrl()}/cyclades/compute/v2.0/servers/${id}`),
})

export function fullServer(compute: Compute, { server, metadata, ports, volumeIds, diagnostic }: ServerView) {
  const { id } = server
  const base = compute.baseUrl()
  const status = statusOf(server)
  const fqdn = compute.settings.CYCLADES_SERVERS_FQDN
  return {
    ...briefServer(compute, server),
    user_id: server.userId,
    tenant_id: server.project,
    shared_to_project: server.sharedToProject,
    status,
    'SNF:task_state': server.task === null ? '' : TASK_STATES[server.task],
    'SNF:build_step': server.buildStep,
    progress: status === 'ACTIVE' ? 100 : server.buildPercent,
    hostId: '',
    created: dateText(server.createdAt),
    updated: dateText(server.updatedAt),
    flavor: { id: server.flavorId, links: linksTo(`${base}/cyclades/compute/v2.0/flavors/${server.flavorId}`) },
    image: {
      id: server.imageId,
      links: [
        ...linksTo(`${base}/cyclades/compute/v2.0/images/${server.imageId}`),
        { rel: 'alternate', href: `${base}/cyclades/image/v1.0/images/${server.imageId}` },
      ],
    },
    suspended: server.suspended,
    deleted: server.deleted,
    metadata,
    tags: [],
    attachments: ports.map(attachment),
    addresses: addresses(ports),
    volumes: volumeIds,
    diagnostics: diagnostic ? [diagnosticEntry(diagnostic)] : [],
    security_groups: [{ name: 'default' }],
    key_name: server.keyNames[0] ?? null,
    'SNF:key_names': server.keyNames,
    config_drive: '',
    accessIPv4: '',
    accessIPv6: '',
    'SNF:fqdn': fqdn === '' ? null : fqdn.replace('%(id)s', String(id)),
    'SNF:port_forwarding': {},
    'SNF:rescue': false,
  }
}

export function attachment(port: ServerPort) {
  const [first] = port.ips
  const addressOf = (version: 4 | 6) => port.ips.find((ip) => ip.version === version)?.address ?? ''
  return {
    id: port.id,
    network_id: String(port.networkId),
    mac_address: port.mac,
    ipv4: addressOf(4),
    ipv6: addressOf(6),
    ...(first ? { 'OS-EXT-IPS:type': addressType(first.floating) } : {}),
    ...(port.firewallProfile === null ? {} : { firewallProfile: port.firewallProfile }),
  }
}

/** By network; several ports on one network are joined. */
export function addresses(ports: readonly ServerPort[]) {
  const byNetwork: Record<string, { version: 4 | 6; addr: string; 'OS-EXT-IPS:type': string }[]> = {}
  for (const { networkId, ips } of ports) {
    const entries = ips.map(({ version, address, floating }) => ({
      version,
      addr: address,
      'OS-EXT-IPS:type': addressType(floating),
    }))
    byNetwork[String(networkId)] = [...(byNetwork[String(networkId)] ?? []), ...entries]
  }
  return byNetwork
}

export const diagnosticEntry = ({ source, createdAt, message, details, level }: DiagnosticRow) => ({
  source,
  created: dateText(createdAt),
  message,
  details,
  level,
})
