import { type Db, sql, type Tx } from '@synnefo/lib/sql'
import { type Identity, registryChanged } from '../identity.ts'
import { findComponent, insertComponent, listComponents } from '../store/components.ts'
import { listResources } from '../store/resources.ts'
import { listServices, listWithdrawn, replaceService, type ServiceRow } from '../store/services.ts'
import { newToken } from './components.ts'
import { registerResource } from './resources.ts'
import {
  endpointData,
  STANDARD_COMPONENTS,
  STANDARD_RESOURCES,
  type StandardComponent,
  type StandardResource,
  type StandardService,
} from './standard-services.ts'

/**
 * Registers everything that this release offers. Run at each start: what is there already keeps its tokens and limits,
 * what an operator registered otherwise or took away stays so, and when nothing is missing nothing is written.
 */
export async function registerCatalog(identity: Identity): Promise<void> {
  const { components, resources } = await findMissing(identity.db)
  if (components.length + resources.length === 0) return
  await identity.db.transaction(async (tx) => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(${REGISTERING})`) // processes start side by side
    for (const { component, services } of components) {
      const id = await ensureComponent(identity, tx, component)
      for (const service of services) {
        const { name, type, prefix } = service
        await replaceService(tx, { componentId: id, name, type, prefix, isImported: false, endpoints: [endpointData(service)] })
      }
    }
    for (const { hidden = false, ...resource } of resources) {
      await registerResource(identity, tx, { ...resource, uiVisible: !hidden, apiVisible: !hidden })
    }
    registryChanged(tx, identity)
  })
}

const REGISTERING = 7_665_002

interface Missing {
  components: { component: StandardComponent; services: StandardService[] }[]
  resources: StandardResource[]
}

async function findMissing(db: Db): Promise<Missing> {
  const [present, services, resources] = [await listComponents(db), await listServices(db), await listResources(db)]
  const withdrawn = await listWithdrawn(db)
  const isWithdrawn = (kind: 'component' | 'service', name: string) =>
    withdrawn.some((each) => each.kind === kind && each.name === name)
  const wanted = STANDARD_COMPONENTS.filter(({ name }) => !isWithdrawn('component', name)).map((component) => ({
    component,
    services: component.services.filter(({ name }) => !isWithdrawn('service', name)),
  }))
  const components = wanted
    .map(({ component, services: offered }) => ({
      component,
      services: offered.filter((service) => !isRegistered(service, services)),
    }))
    .filter(({ component, services: missing }) => missing.length > 0 || !present.some(({ name }) => name === component.name))
  const offered = wanted.flatMap((component) => component.services.map(({ name }) => name))
  return {
    components,
    resources: STANDARD_RESOURCES.filter(
      ({ name, serviceOrigin }) => offered.includes(serviceOrigin) && !resources.some((resource) => resource.name === name),
    ),
  }
}

/** As this release has it, or otherwise at an operator's wish. */
function isRegistered(service: StandardService, registered: readonly ServiceRow[]): boolean {
  const row = registered.find(({ name }) => name === service.name)
  if (!row) return false
  const wanted = JSON.stringify(Object.entries(endpointData(service)).sort())
  const isSame = row.endpoints.length === 1 && JSON.stringify(Object.entries(row.endpoints[0]!).sort()) === wanted
  return row.isImported || (row.type === service.type && row.prefix === service.prefix && isSame)
}

async function ensureComponent(identity: Identity, tx: Tx, { name, path }: StandardComponent): Promise<bigint> {
  const { secret: _, ...token } = newToken(identity, name)
  const inserted = await insertComponent(tx, { name, path, baseUrl: null, uiUrl: null, ...token })
  return (inserted ?? (await findComponent(tx, name))!).id
}
