// Projects as people may see them. Who may see which is decided in one place, for lists and for single projects.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { type ApplicationRow, lastApplications } from '../store/applications.ts'
import { findMembership, listMemberships, type MembershipView } from '../store/memberships.ts'
import { listProjects, type ProjectFilter, type ProjectView, viewProject } from '../store/project-views.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { allowedMembershipActions, type MembershipAction } from '../wire/membership-states.ts'
import { isProjectAdmin, noProject } from './actor.ts'

/** Which of the projects are asked for: all there are to see, those one is in, or those one might join. */
export type Mode = 'related' | 'member' | 'active'

/** With its last application, for those who decide about the project. */
export interface VisibleProject extends ProjectView {
  lastApplication: ApplicationRow | undefined
}

export async function visibleProjects(
  identity: Identity,
  caller: Principal,
  mode: Mode,
  filter: ProjectFilter,
): Promise<VisibleProject[]> {
  const seesAll = isProjectAdmin(identity, caller)
  const projects = await listProjects(identity.db, { viewer: caller.id, seesAll, mode, ...filter })
  return withApplications(identity, projects, seesAll)
}

/** One project, for those who may see it: its owner, its members, project admins, and everybody when it is public and active. */
export async function showProject(identity: Identity, caller: Principal, uuid: string): Promise<VisibleProject> {
  const project = await viewProject(identity.db, uuid, caller.id)
  if (!project) throw noProject(uuid)
  const isPublic = project.state === 'active' && !project.private
  const seesAll = isProjectAdmin(identity, caller)
  if (!isPublic && !project.isRelated && !seesAll) throw new Fault('forbidden', `You may not see project ${uuid}`)
  const [shown] = await withApplications(identity, [project], seesAll)
  return shown!
}

async function withApplications({ db }: Identity, projects: ProjectView[], seesAll: boolean): Promise<VisibleProject[]> {
  const decided = projects.filter(({ isOwner }) => isOwner || seesAll).map(({ id }) => id)
  const applications = decided.length === 0 ? [] : await lastApplications(db, decided)
  const byProject = new Map(applications.map((application) => [application.projectId, application]))
  return projects.map((project) => ({ ...project, lastApplication: byProject.get(project.id) }))
}

export interface MembershipFilter {
  /** uuid */
  project: string | undefined
  /** Memberships after this one, in the order of the list. */
  marker: bigint | undefined
  limit: number | undefined
}

/** One's own memberships, and those of the projects one owns; all of them for project admins. */
export function visibleMemberships(identity: Identity, caller: Principal, filter: MembershipFilter): Promise<MembershipView[]> {
  return listMemberships(identity.db, { viewer: caller.id, seesAll: isProjectAdmin(identity, caller), ...filter })
}

export async function showMembership(identity: Identity, caller: Principal, id: bigint): Promise<MembershipView> {
  const membership = await findMembership(identity.db, id)
  if (!membership) throw new Fault('itemNotFound', `There is no membership ${id}`)
  const isTheirs = membership.userId === caller.id || membership.ownerId === caller.id
  if (!isTheirs && !isProjectAdmin(identity, caller)) throw new Fault('forbidden', `You may not see membership ${id}`)
  return membership
}

/** What the caller may do about the membership now, of these actions. */
export function allowedActions<Action extends MembershipAction>(
  identity: Identity,
  caller: Pick<Principal, 'id' | 'uuid'>,
  membership: MembershipView,
  actions: readonly Action[],
): Action[] {
  return allowedMembershipActions(actions, membership, {
    isSelf: membership.userId === caller.id,
    isOwner: membership.ownerId === caller.id,
    isAdmin: isProjectAdmin(identity, caller),
  })
}
