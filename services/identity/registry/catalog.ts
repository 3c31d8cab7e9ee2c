// The service catalogue as clients see it. What is registered is remembered for a while; addresses are computed from
// where the cloud is now, and never stored.
import type { Db } from '@synnefo/lib/sql'
import type { ComponentRow } from '../store/components.ts'
import { listServices, type ServiceRow } from '../store/services.ts'
import { addressOf } from './endpoints.ts'
import { remember } from './remembered.ts'

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

export function openCatalog(db: Db, baseUrl: () => string, rememberedMs: number): Catalog {
  const services = remember(rememberedMs, () => listServices(db))
  let written: { of: ServiceRow[]; base: string; entries: CatalogEntry[] } | undefined
  return {
    async list() {
      const [of, base] = [await services.get(), baseUrl()]
      if (written?.of !== of || written.base !== base)
        written = { of, base, entries: of.map((service) => entryOf(service, base)) }
      return written.entries
    },
    forget: services.forget,
  }
}

function entryOf(service: ServiceRow, base: string): CatalogEntry {
  const { name, type } = service
  return { name, type, endpoints_links: [], endpoints: service.endpoints.map((data) => endpointOf(service, data, base)) }
}

function endpointOf(service: ServiceRow, data: Record<string, string>, base: string): Record<string, string | null> {
  const component = componentUrls({ path: service.componentPath, ...service }, base)
  const publicURL = data['publicURL'] ?? addressOf(component.baseUrl ?? '', service.prefix, data)
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
  component: Pick<ComponentRow, 'path' | 'baseUrl' | 'uiUrl'>,
  base: string,
): { baseUrl: string | null; uiUrl: string | null } {
  if (component.path === null) return { baseUrl: component.baseUrl, uiUrl: component.uiUrl }
  const own = `${base}/${component.path}`
  return { baseUrl: own, uiUrl: component.uiUrl ?? `${own}/ui` }
}
