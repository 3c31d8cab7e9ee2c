// Moving and copying of what is in a listing: where each thing goes, and what it is called when something is there already.
import type { ObjectPlace, ObjectStore } from '@synnefo/clients/object-store'
import { lastPart } from './places.ts'
import type { Row } from './rows.ts'

export type Way = 'copy' | 'move'

/** Into what a row would be put; folders with what is in them. */
export const destinationOf = (row: Row, target: ObjectPlace): ObjectPlace => ({
  container: target.container,
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

async function freePlace(store: ObjectStore, wanted: ObjectPlace): Promise<ObjectPlace> {
  for (let number = 2; ; number++) {
    const place = { ...wanted, name: numbered(wanted.name, number) }
    if (!(await isTaken(store, place))) return place
  }
}

/** `number` gives what is moved another name where its own is taken, `replace` puts it in the place of what is there. */
export type OnConflict = 'number' | 'replace'

export async function transferRows(
  store: ObjectStore,
  container: string,
  rows: Row[],
  { target, way, onConflict }: { target: ObjectPlace; way: Way; onConflict: OnConflict },
) {
  for (const row of rows) {
    const wanted = destinationOf(row, target)
    const other = onConflict === 'number' && (await isTaken(store, wanted))
    await transferRow(store, container, row, other ? await freePlace(store, wanted) : wanted, way)
  }
}

export async function transferRow(store: ObjectStore, container: string, row: Row, place: ObjectPlace, way: Way) {
  const name = row.name.replace(/\/$/, '')
  const send = way === 'move' ? store.moveObject : store.copyObject
  if (row.kind === 'object') return send(container, row.name, place)
  await store.ensureFolder(container, name)
  await send(container, name, place, { delimiter: '/' })
}
