// Deleting many objects by name, container by container: what cannot be deleted is told, and holds up nothing else.
import { Fault } from '@synnefo/lib/fault'
import { notAllowed } from '../access.ts'
import { removeEmpty } from '../containers.ts'
import { checkName } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { hasObjects, lockContainer } from '../store/containers.ts'
import { theseNames } from '../store/names-in.ts'
import { deleteObjects } from './delete-many.ts'

/** What one request names, at most. */
export const BULK_NAMES = 10_000

/** An object, or without a name the container itself, which has to be empty by then. */
export interface BulkName {
  container: string
  name: string | undefined
}

export interface BulkDeleted {
  deleted: number
  notFound: number
  refused: (BulkName & { fault: Fault })[]
}

export async function bulkDelete(
  store: ObjectStore,
  userId: string,
  account: string,
  named: readonly BulkName[],
): Promise<BulkDeleted> {
  checkName('account', account)
  if (account !== userId) throw notAllowed()
  const answer: BulkDeleted = { deleted: 0, notFound: 0, refused: [] }
  for (const [container, names] of Map.groupBy(named, (each) => each.container)) {
    const objects = names.flatMap(({ name }) => name ?? [])
    const itself = names.length - objects.length
    try {
      const { deleted, notFound, notEmpty } = await deleteOf(store, userId, account, container, objects, itself)
      answer.deleted += deleted
      answer.notFound += notFound
      if (notEmpty) answer.refused.push({ container, name: undefined, fault: notEmpty })
    } catch (error) {
      if (!(error instanceof Fault) || error.code >= 500) throw error
      answer.refused.push(...names.map((each) => ({ ...each, fault: error })))
    }
  }
  return answer
}

/** `itself`: how many times the container was named. */
function deleteOf(store: ObjectStore, userId: string, account: string, name: string, objects: string[], itself: number) {
  return store.db.transaction(
    async (tx) => {
      const nothing = { deleted: 0, notFound: objects.length + itself, notEmpty: undefined }
      const container = await lockContainer(tx, account, name)
      if (!container) return nothing
      const deleted =
        objects.length > 0
          ? await deleteObjects(tx, store, userId, container, theseNames(objects), `${objects.length} objects`)
          : 0
      const notFound = objects.length - deleted
      if (itself === 0) return { ...nothing, deleted, notFound }
      if ((await hasObjects(tx, container.id)).answer) {
        const notEmpty = new Fault('conflict', `Container ${JSON.stringify(name)} is not empty.`)
        return { deleted, notFound: notFound + itself - 1, notEmpty }
      }
      await removeEmpty(tx, store, container)
      return { ...nothing, deleted: deleted + 1, notFound: notFound + itself - 1 }
    },
    { patient: true },
  )
}
