// What a write says besides data and metadata, and what stays with the path: who may read and write the object, and
// whether everybody may by a public link.
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { type Access, notAllowed, type Sharing } from '../access.ts'
import { checkPublication, type Publication, publish } from '../links.ts'
import type { ObjectStore } from '../open.ts'
import type { ContainerRow } from '../store/containers.ts'
import type { Path } from '../store/ground.ts'
import { linkedPaths } from '../store/links.ts'
import { setPermissions } from '../store/permissions.ts'
import type { Draft } from './draft.ts'
import { noteSharing } from './events.ts'

export interface Attachments {
  /** Replaces the permissions of the path. */
  sharing?: Sharing | undefined
  publication?: Publication | undefined
}

/** Refuses what is not for who asks. */
export function checkAllowed({ owner }: Pick<Access, 'owner'>, hasLink: boolean, said: Attachments): void {
  if (said.sharing && !owner) throw notAllowed()
  if (said.publication) checkPublication(owner, hasLink, said.publication)
}

/** The same, for who has not looked yet whether there is a link. */
export async function checkAttachments(q: Queryable, path: Path & { owner: boolean }, said: Attachments): Promise<void> {
  const hasLink = said.publication !== undefined && (await linkedPaths(q, [path])).length > 0
  checkAllowed(path, hasLink, said)
}

/** A path to which something is put, and whether he who does it is the owner. */
export interface Target {
  container: ContainerRow
  name: string
  owner: boolean
}

/** Has it put to the path after the versions of a group of changes, if there is anything to put. */
export function attachTo(ground: Pick<Draft, 'attach'>, store: ObjectStore, userId: string, target: Target, said: Attachments) {
  if (said.sharing || said.publication) ground.attach((tx) => attach(tx, store, userId, target, said))
}

/** Puts it all to the path, in the transaction that holds the lock of the path and has checked it. */
export async function attach(
  tx: Tx,
  store: ObjectStore,
  userId: string,
  { container, name, owner }: Target,
  { sharing, publication }: Attachments,
): Promise<void> {
  if (!owner) return // others may only say what is so already
  if (sharing) {
    await setPermissions(tx, container.id, name, sharing)
    await noteSharing(tx, store, userId, { account: container.account, container: container.name, name }, sharing)
  }
  if (publication) await publish(tx, store, { containerId: container.id, name }, publication)
  if (sharing || publication) tx.announces('objects', container.account)
}
