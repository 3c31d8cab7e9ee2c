// A hypervisor over HTTP: what is said on the wire, for both ends.
import { Type } from '@synnefo/lib/http'
import { BackendUnavailable, INSTANCE_NAME, type InstanceFacts, InstanceUnknown, MachineOff } from '../interface.ts'
import type { JsonSpec } from '../spec-json.ts'

export const PREFIX = '/hypervisor'
/** The protocol that a console connection is upgraded to: the bare bytes. */
export const CONSOLE_PROTOCOL = 'synnefo-console'
/** A map of 2 TiB in blocks of 4 MiB, twice over. */
export const MAX_BODY_BYTES = 64 * 2 ** 20

// Whoever asks decides, but need not be trusted with this host: the shapes are checked before anything acts on them.

const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' })
const Intent = Type.String({ minLength: 1, maxLength: 200 })
const Mac = Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$' })
const Text = Type.String({ maxLength: 1024 })

const Subnet = Type.Object({
  version: Type.Union([Type.Literal(4), Type.Literal(6)]),
  cidr: Text,
  gateway: Type.Optional(Text),
  dhcp: Type.Boolean(),
  nameservers: Type.Array(Text),
  hostRoutes: Type.Array(Type.Object({ destination: Text, nexthop: Text })),
})
const Nic = Type.Object({
  name: Name,
  network: Name,
  mac: Mac,
  addresses: Type.Array(Text),
  hostname: Type.Optional(Text),
  firewall: Type.Optional(Type.Union([Type.Literal('ENABLED'), Type.Literal('DISABLED'), Type.Literal('PROTECTED')])),
  networkSpec: Type.Object({ name: Name, public: Type.Boolean(), subnets: Type.Array(Subnet) }),
})
const Disk = Type.Object({
  name: Name,
  sizeBytes: Bytes,
  source: Type.Optional(Type.Object({ sizeBytes: Bytes, blockSizeBytes: Bytes, hashes: Base64 })),
})
const Customise = Type.Object({
  properties: Type.Record(Type.String(), Type.String()),
  hostname: Text,
  password: Type.Optional(Text),
  authorizedKeys: Type.Array(Type.String()),
  cloudUserData: Type.Optional(Base64),
  files: Type.Array(
    Type.Object({
      path: Type.String(),
      contents: Base64,
      owner: Type.Optional(Text),
      group: Type.Optional(Text),
      mode: Type.Optional(Type.Integer({ minimum: 0, maximum: 0o7777 })),
    }),
  ),
})
const Spec = Type.Object({
  name: Name,
  cpus: Type.Integer({ minimum: 1, maximum: 1024 }),
  ramBytes: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  disks: Type.Array(Disk, { minItems: 1 }),
  nics: Type.Array(Nic),
  customise: Type.Optional(Customise),
})

export const CreateBody = Type.Object({ spec: Spec, intent: Intent })
export const IntentBody = Type.Object({ intent: Intent })
export const StopBody = Type.Object({ intent: Intent, graceSeconds: Type.Number({ minimum: 0, maximum: 86_400 }) })
export const RebootBody = Type.Object({ intent: Intent, hard: Type.Boolean() })
export const InstancePath = Type.Object({ name: Name })

/** What is sent; `decodeSpec` takes what the schema lets through, so the compiler compares the two. */
export interface CreateRequest {
  spec: JsonSpec
  intent: string
}

export type JsonFacts = Omit<InstanceFacts, 'intents'> & { intents: [string, { state: string; reason?: string }][] }

export function encodeFacts(list: ReadonlyMap<string, InstanceFacts>): JsonFacts[] {
  return [...list.values()].map((facts) => ({ ...facts, intents: [...facts.intents] }))
}

export function decodeFacts(list: readonly JsonFacts[]): Map<string, InstanceFacts> {
  return new Map(list.map((facts) => [facts.name, { ...facts, intents: new Map(facts.intents) } as InstanceFacts]))
}

/** An error as it travels. */
export interface JsonError {
  error: string
  message: string
  /** The instance it is about. */
  name?: string
}

export function statusOf(error: unknown): number {
  if (error instanceof InstanceUnknown) return 404
  if (error instanceof MachineOff) return 409
  if (error instanceof BackendUnavailable) return 503
  const { statusCode, code } = error as { statusCode?: number; code?: unknown }
  return statusCode ?? (typeof code === 'number' ? code : 500)
}

export function encodeError(error: unknown, name?: string): JsonError {
  const known = error instanceof Error ? error : new Error(String(error))
  return { error: known.name, message: known.message, ...(name !== undefined && { name }) }
}

export function decodeError({ error, message, name }: JsonError): Error {
  if (error === 'InstanceUnknown') return new InstanceUnknown(name ?? '')
  if (error === 'MachineOff') return new MachineOff(name ?? '')
  if (error === 'BackendUnavailable') return new BackendUnavailable(message)
  return new Error(message)
}

/** The address of a console: instance and kind. */
export function readConsolePath(path: string): { name: string; kind: string } | undefined {
  const match = new RegExp(`^${PREFIX}/instances/([^/]+)/console/([a-z]+)$`).exec(path)
  return match !== null && INSTANCE_NAME.test(match[1]!) ? { name: match[1]!, kind: match[2]! } : undefined
}
