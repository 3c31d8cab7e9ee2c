// The trash is a container like any other; that what is in it was thrown away is agreed upon by clients alone. Where
// something was stands in its metadata while it is there.
import { readMetadata } from '@synnefo/clients/object-headers'
import type { ObjectPlace, ObjectStore } from '@synnefo/clients/object-store'
import { METADATA_LIMITS } from '@synnefo/object-store/wire/limits.ts'
import { ensureContainers, TRASH } from '../../cloud/own-containers.ts'
import type { Row } from './rows.ts'
import { placeFor, transferRow } from './transfers.ts'

/** The name of the metadata; of use to this page only, so nobody edits it. */
export const CAME_FROM = 'Trashed-From'

const pathOf = ({ container, name }: ObjectPlace) => `${container}/${name}`

export async function throwAway(store: ObjectStore, container: string, rows: readonly Row[]) {
  await ensureContainers(store, [TRASH])
  for (const row of rows) {
    const place = await placeFor(store, { container: TRASH, name: row.label })
    const from = pathOf({ container, name: row.name.replace(/\/$/, '') })
    // What is too long to be kept is asked for when it is taken back.
    const kept = [...from].length <= METADATA_LIMITS.valueCharacters
    await transferRow({ store, container }, row, place, 'move', kept ? { [CAME_FROM]: from } : {})
  }
}

/** Where something was, as the headers of an object in the trash say it. */
export function cameFrom(headers: Headers | undefined): ObjectPlace | undefined {
  const [, container, name] = /^([^/]+)\/(.+)$/s.exec((headers && readMetadata(headers)[CAME_FROM]) ?? '') ?? []
  return container === undefined || name === undefined ? undefined : { container, name }
}

/** Where each thing of the trash was; what lies in a folder that was thrown away was in that folder. */
export async function originsOf(store: ObjectStore, rows: readonly Row[]): Promise<Map<string, ObjectPlace | undefined>> {
  const origins = new Map<string, ObjectPlace | undefined>()
  for (const { name } of rows) {
    const [top = '', ...below] = name.replace(/\/$/, '').split('/')
    const origin = cameFrom(await store.showObject(TRASH, top))
    origins.set(name, origin && { ...origin, name: [origin.name, ...below].join('/') })
  }
  return origins
}

/** Takes things out of the trash, each to its place; one in a container that went makes it anew. */
export async function takeBack(store: ObjectStore, taken: readonly { row: Row; place: ObjectPlace }[]) {
  await ensureContainers(store, [...new Set(taken.map(({ place }) => place.container))])
  for (const { row, place } of taken) await transferRow({ store, container: TRASH }, row, place, 'move', { [CAME_FROM]: '' })
}
