// The service catalogue as clients see it. What is registered is remembered for a while; addresses are computed from
// where the cloud is now, and never stored.
import type { Db } from '@synnefo/lib/sql'
import { listServices, type ServiceRow } from '../store/services.ts'

export interface CatalogEntry {
  name: string
  type: string
  endpoints_links: never[]
  endpoints: Record<string, string | null>[]
}

export interface Catalog {
  list(): Promise<CatalogEntry[]>
  /** The registry changed. */
  forget(): void
}

/** A lost announcement costs this much. */
const REMEMBERED_MS = 60_000

export function openCatalog(db: Db, baseUrl: () => string): Catalog {
  let known: { entries: CatalogEntry[]; base: string; until: number } | undefined
  return {
    async list() {
      const base = baseUrl()
      if (!known || known.until < Date.now() || known.base !== base) {
        const services = await listServices(db)
        known = { entries: services.map((service) => entryOf(service, base)), base, until: Date.now() + REMEMBERED_MS }
      }
      return known.entries
    },
    forget() {
      known = undefined
    },
  }
}

function entryOf(service: ServiceRow, base: string): CatalogEntry {
  const { name, type } = service
  return { name, type, endpoints_links: [], endpoints: service.endpoints.map((data) => endpointOf(service, data, base)) }
}

function endpointOf(service: ServiceRow, data: Record<string, string>, base: string): Record<string, string | null> {
  const component = componentUrls({ path: service.componentPath, ...service }, base)
  const version = data['SNF:exposeVersion'] === 'False' ? '' : data['versionId']
  const publicURL = data['publicURL'] ?? [component.baseUrl, service.prefix, version].filter(Boolean).join('/')
  return {
    ...data,
    publicURL,
    region: 'default',
    'SNF:uiURL': component.uiUrl,
    ...(service.name === 'astakos_weblogin' ? { 'SNF:webloginURL': publicURL } : {}),
  }
}

/** Where a component is: below the address of this cloud, or where it was registered to be. */
export function componentUrls(
  component: { path: string | null; baseUrl: string | null; uiUrl: string | null },
  base: string,
): { baseUrl: string | null; uiUrl: string | null } {
  if (component.path === null) return { baseUrl: component.baseUrl, uiUrl: component.uiUrl }
  const own = `${base}/${component.path}`
  return { baseUrl: own, uiUrl: component.uiUrl ?? `${own}/ui` }
}
