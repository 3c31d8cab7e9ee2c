import { Fault } from '@synnefo/lib/fault'
import { sql } from '@synnefo/lib/sql'
import { noContainer, noObject, notAllowed } from '../access.ts'
import { checkDelimiter, checkName } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { charge } from '../quota.ts'
import { lockContainer } from '../store/containers.ts'
import { allNames, type NamesIn, namesUnder, oneName } from '../store/names-in.ts'
import { countKept, countObjects, historyOf, restoringChanges } from '../store/restore.ts'
import { changeObjects } from './many.ts'

export interface RestoreRequest {
  account: string
  container: string
  /** One object, or with the delimiter also everything in the folder of that name; undefined: the whole container. */
  part: { name: string; delimiter: string } | undefined
  /** Seconds since 1970. */
  until: number
  /** What was not there then stays. */
  keepsNew: boolean
}

export interface Restored {
  /** Objects that have content and metadata of then again. */
  restored: number
  /** Objects that were not there then, and went. */
  deleted: number
  /** Objects that are as they were then. */
  unchanged: number
  /** Objects that were not there then, or of which that is not known, and stayed. */
  kept: number
}

/**
 * Makes a container, or a part of it, what it was at a moment. What is replaced or goes becomes history, so this can be
 * undone by another restoring. Contents are shared, no byte moves. All or nothing.
 */
export async function restoreObjects(store: ObjectStore, userId: string, request: RestoreRequest): Promise<Restored> {
  const { account, container: name, part, until, keepsNew } = request
  checkName('account', account)
  checkName('container', name)
  if (part) checkName('object', part.name)
  if (part) checkDelimiter(part.delimiter)
  if (account !== userId) throw notAllowed()
  return store.db.transaction(
    async (tx) => {
      const container = await lockContainer(tx, account, name)
      if (!container) throw noContainer(name)
      const names = namesOf(part)
      const { existed, complete } = await historyOf(tx, container.id, until)
      if (!existed) throw new Fault('itemNotFound', `Container "${name}" did not exist at that moment.`)
      const deletes = keepsNew ? 'none' : complete ? 'all' : 'known'
      const restoration = { containerId: container.id, names, until, deletes } as const
      const kept = deletes === 'all' ? 0n : await countKept(tx, restoration)
      const changes = restoringChanges(restoration)
      const { changed, charge: due } = await changeObjects(tx, store, userId, { container, changes, leaving: names })
      const { objects, known } = await countObjects(tx, container.id, names)
      if (part && !known) throw noObject(part.name)
      await charge(tx, `${account}/${name}/${part?.name ?? ''}`, [due])
      return {
        restored: Number(changed.made),
        deleted: Number(changed.deleted),
        unchanged: Number(objects - changed.made - kept),
        kept: Number(kept),
      }
    },
    { patient: true },
  )
}

function namesOf(part: RestoreRequest['part']): NamesIn {
  if (!part) return allNames
  const { name, delimiter } = part
  if (delimiter === '') return oneName(name)
  const below = namesUnder(name.endsWith(delimiter) ? name : name + delimiter)
  const itself = oneName(name)
  return (column) => sql`(${itself(column)} OR ${below(column)})`
}
