// What others are told of changes, when the cloud has events: noted in the transaction that makes the change, and
// published by a task after it. Whoever changes objects notes it here.
import type { Tx } from '@synnefo/lib/sql'
import type { Sharing } from '../access.ts'
import type { Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { addEvents, type EventAction, type ObjectAction } from '../store/events.ts'

/** The task that publishes. */
export const PUBLISH_EVENTS = 'object-store.publish-events'

export interface NotedChange {
  account: string
  /** Who did it. */
  userId: string
  /** account/container/object, or account/container */
  path: string
  action: EventAction
  /** What became of the object at the path, when something did. */
  objectAction?: ObjectAction
  /** Made by this, or removed. */
  versions?: readonly bigint[]
  /** How much more of the quota the account takes. */
  bytes?: bigint
  /** New permissions of the path. */
  sharing?: Sharing | undefined
}

/** Whether changes are noted at all. */
export const hasEvents = ({ settings }: Pick<ObjectStore, 'settings'>) => settings.PITHOS_EVENTS

export async function noteEvents(tx: Tx, store: ObjectStore, changes: readonly NotedChange[]): Promise<void> {
  if (!hasEvents(store) || changes.length === 0) return
  const events = changes.map(({ account, userId, path, action, objectAction, versions, bytes, sharing }) => ({
    account,
    userId,
    path,
    action,
    objectAction: objectAction ?? null,
    versions: versions ?? [],
    bytes: bytes ?? 0n,
    subjects: sharing ? [...sharing.read, ...sharing.write] : null,
  }))
  await addEvents(tx, events)
  tx.wakes(PUBLISH_EVENTS)
}

/** Permissions of an object were set; nothing else of it changed. */
export function noteSharing(tx: Tx, store: ObjectStore, userId: string, place: Place, sharing: Sharing): Promise<void> {
  const path = `${place.account}/${place.container}/${place.name}`
  return noteEvents(tx, store, [{ account: place.account, userId, path, action: 'object update', sharing }])
}
