// What a named token may do. A token without scopes may do what its owner can; one with scopes may do what any of them
// says, each written as
//
//   <service>[:read][/<container>[/<prefix>]]
//
// such as `compute`, `all:read`, `object-store/backups` or `object-store:read/photos/2026/`. Only the object store has
// containers; the prefix is the beginning of names of objects, slash or not. `account` is what the account API offers
// (quotas, projects); nobody's scopes reach the account itself: its password, address, sign-in methods and tokens.

/** Types of services as in the catalogue. */
export const SCOPED_SERVICES = ['account', 'object-store', 'compute', 'network', 'image', 'volume'] as const
export type ScopedService = (typeof SCOPED_SERVICES)[number]

export interface Scope {
  service: ScopedService | 'all'
  readOnly: boolean
  /** Only this container of the owner, and in it only objects whose names begin with the prefix. */
  container?: string
  prefix?: string
}

export const LONGEST_SCOPE = 1400
export const MOST_SCOPES = 20

/** The scope that a text says; undefined when it says none. */
export function parseScope(text: string): Scope | undefined {
  if (text.length > LONGEST_SCOPE || !text.isWellFormed() || text.includes('\0')) return undefined
  const [, word, read, path] = /^([a-z-]+)(:read)?(?:\/(.+))?$/s.exec(text) ?? []
  const service = word === 'all' ? 'all' : SCOPED_SERVICES.find((each) => each === word)
  if (service === undefined) return undefined
  const scope: Scope = { service, readOnly: read !== undefined }
  if (path === undefined) return scope
  if (service !== 'object-store') return undefined
  const slash = path.indexOf('/')
  const container = slash === -1 ? path : path.slice(0, slash)
  const prefix = slash === -1 ? '' : path.slice(slash + 1)
  if (container === '') return undefined
  return { ...scope, container, ...(prefix === '' ? {} : { prefix }) }
}

export function writeScope({ service, readOnly, container, prefix }: Scope): string {
  const path = container === undefined ? '' : `/${container}${prefix === undefined ? '' : `/${prefix}`}`
  return `${service}${readOnly ? ':read' : ''}${path}`
}

/** In words for the owner of the token. */
export function describeScope({ service, readOnly, container, prefix }: Scope): string {
  const where = service === 'all' ? 'all services' : SERVICE_NAMES[service]
  const part =
    container === undefined ? '' : `, container ${container}${prefix === undefined ? '' : `, names that begin with ${prefix}`}`
  return `${readOnly ? 'read' : 'use'} ${where}${part}`
}

export const SERVICE_NAMES: Record<ScopedService, string> = {
  account: 'quotas and projects',
  'object-store': 'object storage',
  compute: 'servers',
  network: 'networks',
  image: 'images',
  volume: 'volumes',
}

/** Those of the scopes that say something about a use of a service. */
export function scopesFor(scopes: readonly Scope[], service: ScopedService, use: 'read' | 'change'): Scope[] {
  return scopes.filter((scope) => (scope.service === 'all' || scope.service === service) && (use === 'read' || !scope.readOnly))
}
