import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { type Identity, personChanged } from '../identity.ts'
import { findOwnMembership, findSettledProject } from '../store/projects.ts'
import { type UserRow, updateUser } from '../store/users.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { refusalOf, stageOf } from '../wire/user-lifecycle.ts'

/** The project that pays when none is named: one that is active and that the person is a member of. */
export async function setDefaultProject(identity: Identity, tx: Tx, { id }: Pick<UserRow, 'id'>, project: string): Promise<void> {
  const user = await lockPerson(tx, id)
  const refusal = refusalOf('setDefaultProject', stageOf(user))
  if (refusal) throw new Fault('badMethod', `${user.email}: ${refusal}`)
  await findSettledProject(tx, project) // it does not end while it becomes what pays
  const membership = await findOwnMembership(tx, user.id, project)
  if (!membership) throw new Fault('itemNotFound', `There is no project ${project} with this person in it`)
  const isMember = membership.state === 'accepted' || membership.state === 'leave_requested'
  if (!isMember || membership.projectState === 'suspended') {
    throw new Fault('forbidden', `Project ${project} cannot be the default: the membership or the project is not active`)
  }
  if (membership.projectState !== 'active') throw new Fault('conflict', `Project ${project} is ${membership.projectState}`)
  await updateUser(tx, user.id, { defaultProject: project })
  personChanged(tx, user.uuid, identity)
}
