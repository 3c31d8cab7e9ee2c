// What is attached to a path and not to a version of what lies there: it goes when nothing is there any more.
import type { Tx } from '@synnefo/lib/sql'
import { setPermissions } from './permissions.ts'

/** Drops all that is attached to the path of an object that was deleted or moved away. */
export async function dropAttached(tx: Tx, containerId: bigint, name: string): Promise<void> {
  await setPermissions(tx, containerId, name, { read: [], write: [] })
}
