// Moving and copying of what is in a listing: where each thing goes, and what it is called when something is there already.
import type { Metadata, ObjectPlace, ObjectStore } from '@synnefo/clients/object-store'
import { lastPart } from './places.ts'
import type { Row } from './rows.ts'

export type Way = 'copy' | 'move'

/** From where something is moved or copied: one's own storage, or somebody else's. */
export interface Source {
  store: ObjectStore
  container: string
}

/** Into what a row would be put; folders with what is in them. */
export const destinationOf = (row: Row, target: ObjectPlace): ObjectPlace => ({
  ...target,
  name: `${target.name}${row.label}`,
})

/** Why rows cannot go there; the target's name is '' or a folder with a slash at the end. */
export function transferProblem(rows: Row[], container: string, target: ObjectPlace, way: Way): string | undefined {
  if (target.container !== container) return undefined
  const into = rows.find(({ kind, name }) => kind === 'folder' && target.name.startsWith(name))
  if (into) return `“${into.label}” cannot go into itself`
  const stays = way === 'move' && rows.some(({ name, label }) => name.replace(/\/$/, '') === `${target.name}${label}`)
  return stays ? 'That is where it is already' : undefined
}

/** `report.txt` becomes `report (2).txt`. A leading point begins no ending. */
export function numbered(name: string, number: number): string {
  const label = lastPart(name)
  const point = label.lastIndexOf('.')
  const at = point > 0 ? name.length - (label.length - point) : name.length
  return `${name.slice(0, at)} (${number})${name.slice(at)}`
}

/** Whether there is an object or a folder of this name. */
export async function isTaken(store: ObjectStore, { container, name }: ObjectPlace): Promise<boolean> {
  if ((await store.showObject(container, name)) !== undefined) return true
  return (await store.listObjects(container, { prefix: `${name}/`, limit: 1 })).length > 0
}

/** The wanted place, or one with a number where that is taken. */
export async function placeFor(store: ObjectStore, wanted: ObjectPlace): Promise<ObjectPlace> {
  if (!(await isTaken(store, wanted))) return wanted
  for (let number = 2; ; number++) {
    const place = { ...wanted, name: numbered(wanted.name, number) }
    if (!(await isTaken(store, place))) return place
  }
}

/**
 * `number` gives what is moved another name where its own is taken, `replace` puts it in the place of what is there,
 * `rename` gives a single thing the name that the person chooses.
 */
export type OnConflict = 'number' | 'replace' | 'rename'

/** Where a thing goes that is called otherwise there; refused when that name is taken, too. */
export async function renamedPlace(store: ObjectStore, wanted: ObjectPlace, label: string): Promise<ObjectPlace> {
  const refusal = labelRefusal(label)
  if (refusal) throw new Error(refusal)
  const place = { ...wanted, name: `${wanted.name.slice(0, wanted.name.lastIndexOf('/') + 1)}${label.trim()}` }
  if (await isTaken(store, place)) throw new Error('There is something of this name already')
  return place
}

/** Why a file or folder cannot be called that; undefined when it can. */
export function labelRefusal(label: string): string | undefined {
  if (label.trim() === '') return 'A name is needed'
  return label.includes('/') ? 'A name cannot hold a slash' : undefined
}

/** Where a thing goes by what is chosen for names that are taken. */
export async function placeBy(
  store: ObjectStore,
  wanted: ObjectPlace,
  { onConflict, label }: ConflictChoice,
): Promise<ObjectPlace> {
  if (onConflict === 'replace' || !(await isTaken(store, wanted))) return wanted
  return onConflict === 'rename' ? renamedPlace(store, wanted, label) : placeFor(store, wanted)
}

export interface ConflictChoice {
  onConflict: OnConflict
  /** For `rename`. */
  label: string
}

export const KEEP_BOTH: ConflictChoice = { onConflict: 'number', label: '' }

/** Puts each thing where it goes in one's own storage; `store` is that. */
export async function transferRows(
  store: ObjectStore,
  source: Source,
  rows: readonly Row[],
  { target, way, conflict }: { target: ObjectPlace; way: Way; conflict: ConflictChoice },
) {
  for (const row of rows) await transferRow(source, row, await placeBy(store, destinationOf(row, target), conflict), way)
}

export async function transferRow(
  { store, container }: Source,
  row: Row,
  place: ObjectPlace,
  way: Way,
  metadata: Metadata = {},
): Promise<void> {
  const name = row.name.replace(/\/$/, '')
  const send = way === 'move' ? store.moveObject : store.copyObject
  if (row.kind === 'object') return send(container, row.name, place, { metadata })
  // The API starts from the folder's own object, which nobody can make who may only read.
  if (row.object?.name !== name) {
    if (place.account !== undefined) return copyOneByOne({ store, container }, row.name, place)
    await store.ensureFolder(container, name)
  }
  await send(container, name, place, { delimiter: '/', metadata })
}

const AT_ONCE = 1_000

async function copyOneByOne({ store, container }: Source, folder: string, place: ObjectPlace) {
  for (let marker = ''; ; ) {
    const page = await store.listObjects(container, { prefix: folder, limit: AT_ONCE, ...(marker === '' ? {} : { marker }) })
    for (const entry of page) {
      if ('subdir' in entry) continue
      marker = entry.name
      await store.copyObject(container, entry.name, { ...place, name: `${place.name}/${entry.name.slice(folder.length)}` })
    }
    if (page.length < AT_ONCE) return
  }
}
