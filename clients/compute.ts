import type { Status } from '@synnefo/compute/wire/server-states.ts'
import type { Connection } from './http.ts'

/** A network interface of a server. */
export interface Attachment {
  id: number
  network_id: string
  mac_address: string
  ipv4: string
  ipv6: string
  'OS-EXT-IPS:type'?: 'fixed' | 'floating'
  firewallProfile?: 'ENABLED' | 'DISABLED' | 'PROTECTED'
}

/** What the making of a server had to say. */
export interface Diagnostic {
  source: string
  created: string
  message: string
  details: string | null
  level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR'
}

export interface Server {
  id: number
  name: string
  user_id: string
  tenant_id: string
  status: Status
  'SNF:task_state': string
  /** What is being done while it is built, in words. */
  'SNF:build_step'?: string | null
  progress: number
  created: string
  updated: string
  flavor: { id: number }
  image: { id: string }
  suspended: boolean
  deleted: boolean
  metadata: Record<string, string>
  attachments: Attachment[]
  addresses: Record<string, { version: 4 | 6; addr: string; 'OS-EXT-IPS:type': string }[]>
  volumes: number[]
  diagnostics: Diagnostic[]
  key_name: string | null
  'SNF:key_names'?: string[]
  'SNF:fqdn': string | null
  'SNF:rescue'?: boolean
}

export interface Flavor {
  id: number
  name: string
  vcpus: number
  /** MiB */
  ram: number
  /** GiB */
  disk: number
  'SNF:disk_template': string
  'SNF:volume_type': number
  'SNF:allow_create': boolean
  'os-flavor-access:is_public': boolean
}

export interface KeyPair {
  name: string
  fingerprint: string
  public_key: string
}

export interface NewServer {
  name: string
  flavorRef: number
  imageRef: string
  project?: string
  metadata?: Record<string, string>
  networks?: ({ uuid: string; fixed_ip?: string } | { port: string })[]
  'SNF:key_names'?: string[]
}

const ROOT = '/cyclades/compute/v2.0'

export type ConsoleKind = 'vnc' | 'serial'

export interface Console {
  type: string
  host: string
  port: number
  password: string
  /** Path of a WebSocket on the host and port of the page, for whoever opens it first, and only for a short time. */
  url?: string
}

/** The compute API (Cyclades): servers, flavors and key pairs. */
export type Compute = ReturnType<typeof openCompute>

export function openCompute(cloud: Connection) {
  const act = (id: number, action: Record<string, unknown>) =>
    cloud.send('POST', `${ROOT}/servers/${id}/action`, { json: action })
  return {
    listServers: async () => (await cloud.json<{ servers: Server[] }>('GET', `${ROOT}/servers/detail`)).servers,
    showServer: async (id: number) => (await cloud.json<{ server: Server }>('GET', `${ROOT}/servers/${id}`)).server,
    /** The administrator's password is in this answer and nowhere else. */
    createServer: async (server: NewServer) =>
      (await cloud.json<{ server: Server & { adminPass: string } }>('POST', `${ROOT}/servers`, { json: { server } })).server,
    renameServer: async (id: number, name: string) => {
      await cloud.send('PUT', `${ROOT}/servers/${id}`, { json: { server: { name } } })
    },
    deleteServer: async (id: number) => {
      await cloud.send('DELETE', `${ROOT}/servers/${id}`)
    },
    startServer: async (id: number) => {
      await act(id, { start: {} })
    },
    shutdownServer: async (id: number) => {
      await act(id, { shutdown: {} })
    },
    rebootServer: async (id: number, type: 'SOFT' | 'HARD' = 'SOFT') => {
      await act(id, { reboot: { type } })
    },
    /** For browsers: an address with a ticket in it. */
    openConsole: async (id: number, kind: ConsoleKind) => {
      const answer = await act(id, { console: { type: kind === 'vnc' ? 'vnc-ws' : 'serial-ws' } })
      return ((await answer.json()) as { console: Console }).console
    },
    listDiagnostics: (id: number) => cloud.json<Diagnostic[]>('GET', `${ROOT}/servers/${id}/diagnostics`),

    listFlavors: async () => (await cloud.json<{ flavors: Flavor[] }>('GET', `${ROOT}/flavors/detail`)).flavors,

    listKeyPairs: async () =>
      (await cloud.json<{ keypairs: { keypair: KeyPair }[] }>('GET', `${ROOT}/os-keypairs`)).keypairs.map(
        ({ keypair }) => keypair,
      ),
    /** Without a public key the cloud makes a pair and hands out the private half once. */
    createKeyPair: async (name: string, publicKey?: string) =>
      (
        await cloud.json<{ keypair: KeyPair & { private_key?: string } }>('POST', `${ROOT}/os-keypairs`, {
          json: { keypair: { name, ...(publicKey === undefined ? {} : { public_key: publicKey }) } },
        })
      ).keypair,
    deleteKeyPair: async (name: string) => {
      await cloud.send('DELETE', `${ROOT}/os-keypairs/${encodeURIComponent(name)}`)
    },
  }
}
