// Projects whose time has run out end: by themselves, or when an operator says so.

import { Fault } from '@synnefo/lib/fault'
import type { Db } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { expiredProjects } from '../store/projects.ts'
import type { Actor } from './actor.ts'
import { changeProject } from './transitions.ts'

export const findExpired = (db: Db, before = new Date()) => expiredProjects(db, before)

/** Projects ended in one run; the rest follow in the next, so that one run is short. */
export const PER_RUN = 100

/** Ends projects that ran out before then, each by itself, oldest first; answers what became of how many. */
export async function terminateExpired(identity: Identity, actor: Actor, before: Date, reason: string) {
  const report = { terminated: 0, failed: 0 }
  for (const { uuid } of await expiredProjects(identity.db, before, PER_RUN)) {
    try {
      await identity.db.transaction((tx) => changeProject(identity, tx, actor, uuid, 'terminate', reason))
      report.terminated += 1
    } catch (error) {
      // Somebody else was quicker.
      if (error instanceof Fault && error.kind === 'conflict') continue
      report.failed += 1
      identity.log.warn({ project: uuid, error }, 'a project whose time has run out could not be ended')
    }
  }
  return report
}
