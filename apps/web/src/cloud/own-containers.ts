// The containers that clients agree upon; the service gives them no meaning.
import type { ObjectStore } from '@synnefo/clients/object-store'

/** Files of people, unless they choose another place. */
export const HOME = 'pithos'
/** What was thrown away. */
export const TRASH = 'trash'

/** Makes those that are not there yet. */
export async function ensureContainers(store: ObjectStore, names: readonly string[]): Promise<void> {
  const present = new Set((await store.listContainers()).map(({ name }) => name))
  for (const name of names) if (!present.has(name)) await store.createContainer(name)
}
