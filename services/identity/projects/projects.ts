// Projects as people may see them. Who may see which is decided in one place, for lists and for single projects.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import {
  findMembership,
  listMemberships,
  listProjects,
  type MembershipView,
  type ProjectFilter,
  type ProjectView,
  viewProject,
} from '../store/projects.ts'
import type { Principal } from '../tokens/authenticate.ts'

/** Which of the projects are asked for: all there are to see, those one is in, or those one might join. */
export type Mode = 'related' | 'member' | 'active'

export const isProjectAdmin = ({ settings }: Identity, { uuid }: Principal) => settings.ASTAKOS_PROJECT_ADMINS.includes(uuid)

export function visibleProjects(
  identity: Identity,
  caller: Principal,
  mode: Mode,
  filter: ProjectFilter,
): Promise<ProjectView[]> {
  return listProjects(identity.db, { viewer: caller.id, seesAll: isProjectAdmin(identity, caller), mode, ...filter })
}

/** One project, for those who may see it: its owner, its members, project admins, and everybody when it is public and active. */
export async function showProject(identity: Identity, caller: Principal, uuid: string): Promise<ProjectView> {
  const project = await viewProject(identity.db, uuid, caller.id)
  if (!project) throw new Fault('itemNotFound', `There is no project ${uuid}`)
  const isPublic = project.state === 'active' && !project.private
  if (!isPublic && !project.isRelated && !isProjectAdmin(identity, caller)) {
    throw new Fault('forbidden', `You may not see project ${uuid}`)
  }
  return project
}

/** One's own memberships, and those of the projects one owns; all of them for project admins. */
export function visibleMemberships(identity: Identity, caller: Principal, project?: string): Promise<MembershipView[]> {
  return listMemberships(identity.db, { viewer: caller.id, seesAll: isProjectAdmin(identity, caller), project })
}

export async function showMembership(identity: Identity, caller: Principal, id: bigint): Promise<MembershipView> {
  const membership = await findMembership(identity.db, id)
  if (!membership) throw new Fault('itemNotFound', `There is no membership ${id}`)
  const isTheirs = membership.userId === caller.id || membership.ownerId === caller.id
  if (!isTheirs && !isProjectAdmin(identity, caller)) throw new Fault('forbidden', `You may not see membership ${id}`)
  return membership
}

export type MembershipAction = 'leave' | 'cancel' | 'accept' | 'reject' | 'remove'

/** What the caller may do about the membership now. */
export function allowedActions(identity: Identity, caller: Principal, membership: MembershipView): MembershipAction[] {
  const isAdmin = isProjectAdmin(identity, caller)
  const { state, projectState, joinPolicy, leavePolicy } = membership
  const isSelf = membership.userId === caller.id || isAdmin
  const isOwner = membership.ownerId === caller.id || isAdmin
  if (projectState !== 'active' && projectState !== 'suspended') return []
  const isIn = state === 'accepted' || state === 'leave_requested' || state === 'suspended'
  const asked = state === 'requested'
  const actions: [MembershipAction, boolean][] = [
    ['leave', isSelf && isIn && leavePolicy !== 'closed'],
    ['cancel', isSelf && asked],
    ['accept', isOwner && asked && joinPolicy !== 'closed'],
    ['reject', isOwner && asked],
    ['remove', isOwner && isIn && leavePolicy !== 'closed'],
  ]
  return actions.filter(([, may]) => may).map(([action]) => action)
}
