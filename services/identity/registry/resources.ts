// What is counted. A resource belongs to the service that counts it; its limits belong to the operator from its first
// registration on.
import { Fault } from '@synnefo/lib/fault'
import { type Db, sql, type Tx } from '@synnefo/lib/sql'
import { type Identity, registryChanged } from '../identity.ts'
import { INFINITE } from '../quota/arithmetic.ts'
import { syncLimits } from '../store/holdings.ts'
import { limitEveryProject, listResources, lockResource, type ResourceRow, upsertResource } from '../store/resources.ts'
import { listServices } from '../store/services.ts'
import { type Remembered, remember } from './remembered.ts'

export interface ResourceDefinition {
  name: string
  description: string
  unit: 'bytes' | null
  serviceType: string
  serviceOrigin: string
  uiVisible: boolean
  apiVisible: boolean
  /** Limit of system projects that are made from now on, when it is new; by default infinite. */
  systemDefault?: bigint
}

/**
 * Registers a resource, and answers whether it is new: then every project is limited from now on. One that is there
 * gets its description, unit and origin up to date; never its limits or flags.
 */
export async function registerResource(identity: Identity, tx: Tx, definition: ResourceDefinition): Promise<boolean> {
  const { name, serviceOrigin, uiVisible, apiVisible, systemDefault = INFINITE } = definition
  if (uiVisible && !apiVisible) {
    throw new Fault('badRequest', `Resource '${name}' is visible on pages, so it must be visible in the API`)
  }
  const [origin] = await listServices(tx, sql`s.name = ${serviceOrigin}`)
  if (!origin) throw new Fault('badRequest', `Resource '${name}' comes from service '${serviceOrigin}', which is not registered`)
  const registered = await lockResource(tx, name)
  if (registered) {
    const [before] = await listServices(tx, sql`s.name = ${registered.serviceOrigin}`)
    if (before && before.componentId !== origin.componentId) {
      throw new Fault('conflict', `Resource '${name}' belongs to component '${before.component}'`)
    }
  }
  const projectDefault = apiVisible ? 0n : INFINITE
  const isNew = await upsertResource(tx, { ...definition, systemDefault, projectDefault })
  if (isNew) await syncLimits(tx, await limitEveryProject(tx, name))
  registryChanged(tx, identity)
  return isNew
}

/** All resources, as they were registered a moment ago. */
export const rememberResources = (db: Db, rememberedMs: number): Remembered<ResourceRow[]> =>
  remember(rememberedMs, () => listResources(db))
