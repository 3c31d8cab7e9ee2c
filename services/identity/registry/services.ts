import { Fault } from '@synnefo/lib/fault'
import { sql, type Tx } from '@synnefo/lib/sql'
import { type Identity, registryChanged } from '../identity.ts'
import { forgetWithdrawn, listServices, replaceService } from '../store/services.ts'

export interface ServiceDefinition {
  name: string
  type: string
  prefix: string
  /** Strings by key. Without a `publicURL` the address is computed from where the component is. */
  endpoints: readonly Record<string, string>[]
}

/** Registers a service of a component, in place of what it registered before. Answers whether it is new. */
export async function registerService(
  identity: Identity,
  tx: Tx,
  component: { id: bigint; name: string },
  definition: ServiceDefinition,
): Promise<boolean> {
  const [registered] = await listServices(tx, sql`s.name = ${definition.name}`)
  if (registered && registered.componentId !== component.id) {
    throw new Fault('conflict', `Service '${definition.name}' belongs to component '${registered.component}'`)
  }
  await forgetWithdrawn(tx, 'service', definition.name)
  const isNew = await replaceService(tx, { ...definition, componentId: component.id, isImported: true })
  registryChanged(tx, identity)
  return isNew
}
