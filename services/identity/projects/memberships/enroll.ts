// Letting people in by their addresses. Who may do it for a project learns of an address whether it has an account, as
// adding members has to tell; asking about many strangers is slowed.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../../identity.ts'
import { findProjectForEnrolment } from '../../store/projects.ts'
import { acceptedByEmail } from '../../store/users.ts'
import { countAgainst } from '../../throttle.ts'
import type { Actor } from '../actor.ts'
import { type Acted, enrollPerson } from './act.ts'

const STRANGERS_PER_HOUR = 200
const HOUR = 3600

/**
 * One person, in a transaction of its own: strangers are counted also when the request is refused. Refused with `conflict`
 * for a project or address that nobody knows.
 */
export async function enrollByEmail(identity: Identity, actor: Actor, project: string, email: string): Promise<Acted> {
  const { known, unknown } = await findPeopleToEnroll(identity, actor, project, [email])
  if (unknown.length > 0) throw unknownUsers(unknown)
  return identity.db.transaction((tx) => enrollPerson(identity, tx, actor, project, known[0]!.id))
}

export interface PeopleToEnroll {
  known: { id: bigint; uuid: string; email: string }[]
  /** As they were written. */
  unknown: string[]
}

/** Whose the addresses are; throws `conflict` for an unknown project and `forbidden` for who may not enrol there. */
export async function findPeopleToEnroll(
  identity: Identity,
  actor: Actor,
  project: string,
  emails: readonly string[],
): Promise<PeopleToEnroll> {
  const { db } = identity
  const found = await findProjectForEnrolment(db, project)
  if (!found) throw new Fault('conflict', `There is no project ${project}`)
  if (!actor.isAdmin && (found.ownerId === null || found.ownerId !== actor.userId)) {
    throw new Fault('forbidden', `You may not enrol people in project ${project}`)
  }
  const people = await acceptedByEmail(db, [...new Set(emails.map((email) => email.toLowerCase()))])
  const byEmail = new Map(people.map((person) => [person.email, person]))
  const unknown = emails.filter((email) => !byEmail.has(email.toLowerCase()))
  if (unknown.length > 0 && !actor.isAdmin) {
    const limit = { key: ['enrol-strangers', actor.name], atMost: STRANGERS_PER_HOUR, windowSeconds: HOUR }
    await countAgainst(db, Array(Math.min(unknown.length, STRANGERS_PER_HOUR + 1)).fill(limit))
  }
  return { known: people, unknown }
}

export const unknownUsers = (unknown: readonly string[]) => new Fault('conflict', `Unknown users: ${unknown.join(', ')}`)
