import type { Queue } from '@synnefo/engine-queue'
import type { Identity } from '@synnefo/identity'
import { audit } from '@synnefo/identity'
import { commandsFor } from '@synnefo/lib/commands'
import type { Queryable } from '@synnefo/lib/sql'
import type { ObjectStore } from '../open.ts'

/** What the commands of the object store are handed. */
export interface ObjectStoreCommandContext {
  objectStore: ObjectStore
  identity: Identity
  queue: Queue
}

export const defineCommand = commandsFor<ObjectStoreCommandContext>()

/** Notes what an operator did on the command line. */
export function noteCommand(q: Queryable, action: string, target: string, details: Record<string, unknown> = {}): Promise<void> {
  return audit(q, { service: 'object-store', actor: 'snf-manage', action, target, details })
}
