// Projects whose time has run out end: by themselves, or when an operator says so.

import { Fault } from '@synnefo/lib/fault'
import type { Db } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { expiredProjects } from '../store/projects.ts'
import type { Actor } from './actor.ts'
import { changeProject } from './transitions.ts'

export const findExpired = (db: Db, before = new Date()) => expiredProjects(db, before)

/** Ends a project that was found expired; throws `conflict` when it is not any more, or was ended by somebody else. */
export function endExpired(identity: Identity, actor: Actor, uuid: string, before: Date, reason: string): Promise<void> {
  return identity.db.transaction((tx) => changeProject(identity, tx, actor, uuid, 'terminate', reason, { expiredBefore: before }))
}

/** Projects ended in one run; the rest follow in the next, so that one run is short. */
export const PER_RUN = 100

/** Ends projects that ran out before then, each by itself, oldest first; answers what became of how many. */
export async function terminateExpired(identity: Identity, actor: Actor, before: Date, reason: string) {
  const report = { terminated: 0, failed: 0 }
  for (const { uuid } of await expiredProjects(identity.db, before, PER_RUN)) {
    try {
      await endExpired(identity, actor, uuid, before, reason)
      report.terminated += 1
    } catch (error) {
      // Somebody else ended it, or it was extended just in time.
      if (error instanceof Fault && error.kind === 'conflict') continue
      report.failed += 1
      identity.log.warn({ project: uuid, error }, 'a project whose time has run out could not be ended')
    }
  }
  return report
}
