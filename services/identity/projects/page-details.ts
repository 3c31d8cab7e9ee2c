// One project, its members, an application, and the form, as pages show them.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { type ApplicationRow, findApplication } from '../store/applications.ts'
import { userHoldings } from '../store/holdings.ts'
import { limitsOfProject } from '../store/project-list.ts'
import { pageOfMembers, pageRowOf, usageOfMembers } from '../store/project-pages.ts'
import type { Limits } from '../store/projects.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { ACCEPTED_LIKE, allowedMembershipActions, MEMBERSHIP_ACTIONS, type MembershipState } from '../wire/membership-states.ts'
import { ALIVE, APPLICATION_ACTIONS, APPLICATION_RULES, applicationRefusal, INITIALIZED } from '../wire/project-states.ts'
import { isProjectAdmin, noProject } from './actor.ts'
import { checkFields, checkLimits, demandOwner, type ProjectRequest } from './applications/fields.ts'
import { checkSystemProject } from './applications/submit.ts'
import { type Comparable, compare, type Differences } from './differences.ts'
import { describeRow } from './page-list.ts'
import { PENDING_APP } from './pending-charge.ts'
import { showProject, type VisibleProject } from './projects.ts'

/** Everything on the page of a project that the viewer may see. */
export async function projectPage(identity: Identity, viewer: Principal, uuid: string) {
  const project = await showProject(identity, viewer, uuid)
  const row = await pageRowOf(identity.db, viewer.id, uuid)
  if (!row) throw noProject(uuid)
  const listed = describeRow(identity, viewer, row)
  const seesUsage = project.isRelated || isProjectAdmin(identity, viewer)
  const own = seesUsage ? await userHoldings(identity.db, viewer.uuid) : []
  const shown = new Map((await identity.resources.get()).map((resource) => [resource.name, resource]))
  const resources = (await limitsOfProject(identity.db, uuid))
    .filter(({ resource }) => shown.get(resource)?.uiVisible)
    .map(({ resource, unit, member, project: whole, usage }) => ({
      resource,
      unit,
      member,
      project: whole,
      ...(seesUsage
        ? {
            projectUsage: usage,
            memberUsage: own.find((each) => each.source === uuid && each.resource === resource)?.usage ?? 0n,
          }
        : {}),
    }))
  const { lastApplication } = project
  return {
    ...listed,
    homepage: project.homepage,
    description: project.description,
    joinPolicy: project.joinPolicy,
    leavePolicy: project.leavePolicy,
    ...(listed.members ? { placesLeft: placesLeft(project.maxMembers, listed.members.approved) } : {}),
    deactivatedAt: listed.members ? project.deactivatedAt : null,
    lastApplication: lastApplication ? { id: lastApplication.id, state: lastApplication.state } : null,
    resources,
  }
}

const placesLeft = (maxMembers: bigint, approved: number) => (maxMembers > BigInt(approved) ? maxMembers - BigInt(approved) : 0n)

const WHICH: Record<'all' | 'approved' | 'pending', readonly MembershipState[]> = {
  all: ['requested', ...ACCEPTED_LIKE],
  approved: ACCEPTED_LIKE,
  pending: ['requested'],
}

export interface MembersQuery {
  which: keyof typeof WHICH
  after?: bigint
  limit?: number
}

/** The members of an alive project, for its owner and project admins. */
export async function membersPage(identity: Identity, viewer: Principal, uuid: string, query: MembersQuery) {
  const row = await demandManaged(identity, viewer, uuid)
  const limit = query.limit ?? identity.settings.ASTAKOS_PAGINATE_BY
  const page = { projectId: row.id, states: WHICH[query.which], after: query.after ?? 0n, limit: limit + 1 }
  const rows = await pageOfMembers(identity.db, page)
  const members = rows.slice(0, limit)
  const usages = Map.groupBy(
    await usageOfMembers(
      identity.db,
      uuid,
      members.map((member) => member.uuid),
    ),
    ({ user }) => user,
  )
  const isAdmin = isProjectAdmin(identity, viewer)
  const relation = { isSelf: false, isOwner: true, isAdmin }
  return {
    counts: { approved: row.approved, pending: row.pending },
    members: members.map((member) => ({
      id: member.id,
      user: member.uuid,
      email: member.email,
      name: `${member.firstName} ${member.lastName}`.trim(),
      state: member.state,
      joinedAt: ACCEPTED_LIKE.includes(member.state) ? member.acceptedAt : null,
      requestedAt: member.requestedAt,
      actions: allowedMembershipActions(
        MEMBERSHIP_ACTIONS.filter((action) => action !== 'join' && action !== 'enroll'),
        { state: member.state, projectState: row.state, joinPolicy: row.joinPolicy, leavePolicy: row.leavePolicy },
        relation,
      ),
      usage: (usages.get(member.uuid) ?? []).map(({ resource, limit: most, usage }) => ({ resource, limit: most, usage })),
    })),
    next: rows.length > limit ? members.at(-1)!.id : null,
  }
}

/** The project, for those who see to its members. */
async function demandManaged(identity: Identity, viewer: Principal, uuid: string) {
  const row = await pageRowOf(identity.db, viewer.id, uuid)
  if (!row) throw noProject(uuid)
  if (row.owner !== viewer.uuid && !isProjectAdmin(identity, viewer)) {
    throw new Fault('forbidden', `You may not see the members of project ${uuid}`)
  }
  if (!ALIVE.includes(row.state)) throw new Fault('conflict', `Project ${uuid} is ${row.state}: it has no members to see to`)
  return row
}

/** An application with what it would change, for its applicant, the owner and project admins. */
export async function applicationPage(identity: Identity, viewer: Principal, id: bigint) {
  const application = await findApplication(identity.db, id)
  const unknown = new Fault('itemNotFound', `There is no application ${id}`)
  if (!application) throw unknown
  const row = await pageRowOf(identity.db, viewer.id, application.project)
  if (!row) throw unknown
  const isAdmin = isProjectAdmin(identity, viewer)
  const isApplicant = application.applicantId === viewer.id
  if (!isAdmin && !isApplicant && row.owner !== viewer.uuid) throw new Fault('forbidden', `You may not see application ${id}`)
  const isChange = INITIALIZED.includes(row.state)
  const project = isChange ? await showProject(identity, viewer, application.project) : undefined
  const old = project && (await currentOf(identity, project))
  return {
    id,
    project: application.project,
    name: application.name ?? row.realname,
    isChange,
    state: application.state,
    applicant: application.applicant,
    issuedAt: application.issuedAt,
    response: application.response,
    comments: application.comments,
    differences: await compare(identity.db, old, { fields: fieldsAsked(application), limits: application.limits }),
    actions: APPLICATION_ACTIONS.filter(
      (action) =>
        (isAdmin || (isApplicant && APPLICATION_RULES[action].byApplicant)) &&
        applicationRefusal(action, application) === undefined,
    ),
  }
}

function fieldsAsked(application: ApplicationRow): Comparable {
  const { name, owner, homepage, description, startDate, endDate, joinPolicy, leavePolicy, maxMembers } = application
  const asked = { name, owner, homepage, description, startDate, endDate, joinPolicy, leavePolicy, maxMembers }
  return Object.fromEntries(
    Object.entries({ ...asked, private: application.private }).filter(([, value]) => value !== null),
  ) as Comparable
}

async function currentOf({ db }: Identity, project: VisibleProject): Promise<{ fields: Comparable; limits: Limits }> {
  const limits = await limitsOfProject(db, project.uuid)
  const { realname: name, owner, homepage, description, endDate, joinPolicy, leavePolicy, maxMembers } = project
  return {
    fields: { name, owner, homepage, description, endDate, joinPolicy, leavePolicy, maxMembers, private: project.private },
    limits: Object.fromEntries(limits.map(({ resource, member, project: whole }) => [resource, { member, project: whole }])),
  }
}

/** What the request would change, checked as if it were submitted. Without a project it is for a new one. */
export async function summary(
  identity: Identity,
  viewer: Principal,
  request: ProjectRequest,
  uuid?: string,
): Promise<Differences> {
  checkFields(request)
  const { limits = {}, ...fields } = request
  await checkLimits(identity.db, limits)
  if (fields.owner !== undefined) await demandOwner(identity.db, fields.owner)
  if (uuid === undefined) return compare(identity.db, undefined, { fields, limits })
  const project = await showProject(identity, viewer, uuid)
  if (!project.isOwner && !isProjectAdmin(identity, viewer)) {
    throw new Fault('forbidden', `You may not ask for changes of project ${uuid}`)
  }
  if (!INITIALIZED.includes(project.state)) throw new Fault('conflict', `Cannot modify a project that is ${project.state}`)
  checkSystemProject(project, request)
  return compare(identity.db, await currentOf(identity, project), { fields, limits })
}

/** What the form of an application offers, and whether another one may be submitted. */
export async function applicationForm(identity: Identity, viewer: Principal) {
  const held = (await userHoldings(identity.db, viewer.uuid)).find(
    ({ source, resource }) => source === viewer.uuid && resource === PENDING_APP,
  )
  const isAdmin = isProjectAdmin(identity, viewer)
  const left = held && held.limit > held.usage ? held.limit - held.usage : 0n
  const resources = (await identity.resources.get()).filter(({ uiVisible }) => uiVisible)
  return {
    membersLimitChoices: identity.settings.ASTAKOS_PROJECT_MEMBERS_LIMIT_CHOICES,
    isProjectAdmin: isAdmin,
    canApply: isAdmin || left > 0n,
    applicationsLeft: left,
    resources: resources.map(({ name, unit, description }) => ({ resource: name, unit, description })),
  }
}
