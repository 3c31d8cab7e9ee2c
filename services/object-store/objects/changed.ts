// What follows each change of an object, in the transaction that makes it.
import type { Tx } from '@synnefo/lib/sql'
import type { Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { noteEvents } from './events.ts'

export interface ChangedObject {
  place: Place
  /** Who did it. */
  by: string
  objectAction: 'object update' | 'object delete'
  /** One half of moving the object from one place to another. */
  moving: boolean
  versionId: bigint
  /** What the owner was charged for it. */
  bytes: bigint
}

export async function objectsChanged(tx: Tx, store: ObjectStore, changes: readonly ChangedObject[]): Promise<void> {
  for (const account of new Set(changes.map(({ place }) => place.account))) tx.announces('objects', account)
  await noteEvents(
    tx,
    store,
    changes.map(({ place: { account, container, name }, by, objectAction, moving, versionId, bytes }) => ({
      account,
      userId: by,
      path: `${account}/${container}/${name}`,
      action: moving ? 'object move' : objectAction,
      objectAction,
      versions: [versionId],
      bytes,
    })),
  )
}
