// Memberships: every action of the table in `wire/membership-states.ts`, with what it brings along. People are locked
// before projects and projects before memberships, so that a place is never given twice and nobody waits in a circle.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { type Identity, personChanged } from '../../identity.ts'
import { syncMemberLimits } from '../../store/holdings.ts'
import { countMembers, findMembership, lockMembership, payFromSystemProject, writeMembership } from '../../store/memberships.ts'
import { type LockedProject, lockProject } from '../../store/projects.ts'
import { lockUser, type UserRow } from '../../store/users.ts'
import {
  ACCEPTED_LIKE,
  MEMBERSHIP_RULES,
  type MembershipAction,
  type MembershipState,
  mayAct,
  membershipRefusal,
  nextMembershipState,
} from '../../wire/membership-states.ts'
import { type Actor, noProject, noteProject } from '../actor.ts'
import { tellOfMembership } from '../mails.ts'

export interface Acted {
  id: bigint
  state: MembershipState
}

/** A membership that exists, by its number. */
export async function actOnMembership(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  id: bigint,
  action: Exclude<MembershipAction, 'join' | 'enroll'>,
  reason = '',
): Promise<Acted> {
  const known = await findMembership(tx, id)
  if (!known) throw new Fault('itemNotFound', `There is no membership ${id}`)
  return perform(identity, tx, actor, await lockParties(tx, known.userId, known.project), action, reason)
}

/** The caller asks to be let in, and is when the project takes everybody. */
export async function joinProject(identity: Identity, tx: Tx, actor: Actor, project: string): Promise<Acted> {
  if (actor.userId === null) throw new Error('only people join projects')
  return perform(identity, tx, actor, await lockParties(tx, actor.userId, project), 'join', '')
}

/** The owner lets somebody in who did not ask. */
export async function enrollPerson(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  project: string,
  userId: bigint,
  reason = '',
): Promise<Acted> {
  return perform(identity, tx, actor, await lockParties(tx, userId, project), 'enroll', reason)
}

interface Parties {
  person: UserRow
  project: LockedProject
}

async function lockParties(tx: Tx, userId: bigint, uuid: string): Promise<Parties> {
  const person = await lockUser(tx, userId)
  const project = await lockProject(tx, uuid)
  if (!person || !project) throw noProject(uuid)
  return { person, project }
}

async function perform(
  identity: Identity,
  tx: Tx,
  actor: Actor,
  { person, project }: Parties,
  action: MembershipAction,
  reason: string,
): Promise<Acted> {
  const membership = await lockMembership(tx, person.id, project.id)
  const isSelf = actor.userId === person.id
  const isOwner = project.ownerId !== null && actor.userId === project.ownerId
  if (!mayAct(action, { isSelf, isOwner, isAdmin: actor.isAdmin })) {
    throw new Fault('forbidden', `You may not ${action.replace('_', ' ')} here: this is for others to decide`)
  }
  const rule = MEMBERSHIP_RULES[action]
  const needsPlace = rule.takesPlace === true || rule.auto === 'accepted'
  const facts = {
    state: membership?.state ?? ('none' as const),
    projectState: project.state,
    joinPolicy: project.joinPolicy,
    leavePolicy: project.leavePolicy,
    hasRoom: !needsPlace || (await countMembers(tx, project.id)) < project.maxMembers,
    isPersonActive: person.isActive,
  }
  const refused = membershipRefusal(action, facts)
  if (refused) throw new Fault('conflict', refused)
  const to = nextMembershipState(action, facts)
  const from = membership?.state ?? null
  const change = { userId: person.id, projectId: project.id, from, to, actor: actor.name, reason }
  const id = await writeMembership(tx, change)
  if (to === 'removed') await payFromSystemProject(tx, project.uuid, person.id)
  if (ACCEPTED_LIKE.includes(to) || (from !== null && ACCEPTED_LIKE.includes(from))) {
    await syncMemberLimits(tx, [project.id], person.id)
    personChanged(tx, person.uuid, identity)
  }
  await noteProject(tx, actor, `membership-${action.replace('_', '-')}`, `project:${project.uuid}`, {
    user: person.uuid,
    membership: id,
    ...(reason === '' ? {} : { reason }),
  })
  await tellOfMembership(identity, tx, { action, to, person, project })
  identity.quotaPolicy.membershipActed(tx, action, id)
  return { id, state: to }
}
