import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { ApplicationState } from '../wire/project-states.ts'
import type { Limits, ProjectFields } from './projects.ts'

type Nullable<T> = { [Name in keyof T]: T[Name] | null }

/** What is asked for; null asks for no change. */
export interface ApplicationRow extends Nullable<ProjectFields> {
  id: bigint
  projectId: bigint
  project: string
  applicantId: bigint
  /** uuids */
  applicant: string
  owner: string | null
  state: ApplicationState
  startDate: Date | null
  comments: string
  issuedAt: Date
  response: string
  respondedAt: Date | null
  /** There is no newer one for the project. */
  isLast: boolean
  limits: Limits
}

const COLUMNS = sql`
  a.id, a.project_id AS "projectId", p.uuid AS project, a.applicant_id AS "applicantId", u.uuid AS applicant,
  a.owner_id AS "ownerId", o.uuid AS owner, a.state, a.name, a.homepage, a.description, a.start_date AS "startDate",
  a.end_date AS "endDate", a.join_policy AS "joinPolicy", a.leave_policy AS "leavePolicy", a.max_members AS "maxMembers",
  a.private, a.comments, a.issued_at AS "issuedAt", a.response, a.response_at AS "respondedAt",
  NOT EXISTS (SELECT FROM identity.applications n WHERE n.project_id = a.project_id AND n.id > a.id) AS "isLast",
  (SELECT coalesce(json_object_agg(l.resource, json_build_object('project', l.project_capacity, 'member', l.member_capacity)
                                   ORDER BY r.id), '{}')
   FROM identity.application_limits l JOIN identity.resources r ON r.name = l.resource
   WHERE l.application_id = a.id) AS limits`
const APPLICATIONS = sql`
  identity.applications a JOIN identity.projects p ON p.id = a.project_id JOIN identity.users u ON u.id = a.applicant_id
  LEFT JOIN identity.users o ON o.id = a.owner_id`

type ReadRow = Omit<ApplicationRow, 'limits'> & { limits: Record<string, { project: bigint | number; member: bigint | number }> }

/** JSON holds numbers of either kind. */
function exact({ limits, ...row }: ReadRow): ApplicationRow {
  const capacities = Object.entries(limits).map(([resource, { project, member }]) => [
    resource,
    { project: BigInt(project), member: BigInt(member) },
  ])
  return { ...row, limits: Object.fromEntries(capacities) }
}

export async function findApplication(db: Queryable, id: bigint): Promise<ApplicationRow | undefined> {
  const row = await db.maybeOne<ReadRow>(sql`SELECT ${COLUMNS} FROM ${APPLICATIONS} WHERE a.id = ${id}`)
  return row && exact(row)
}

/** The newest application of each of these projects. */
export async function lastApplications(db: Queryable, projectIds: readonly bigint[]): Promise<ApplicationRow[]> {
  const rows = await db.any<ReadRow>(sql`
    SELECT ${COLUMNS} FROM ${APPLICATIONS}
    WHERE a.id IN (
      SELECT (SELECT max(n.id) FROM identity.applications n WHERE n.project_id = w.id)
      FROM unnest(${projectIds}::bigint[]) AS w(id))`)
  return rows.map(exact)
}

export interface NewApplication extends Partial<ProjectFields> {
  projectId: bigint
  applicantId: bigint
  startDate?: Date | undefined
  comments: string
  limits: Limits
}

export async function insertApplication(tx: Tx, application: NewApplication): Promise<bigint> {
  const entries = Object.entries(application.limits)
  const { name, ownerId, homepage, description, startDate, endDate, joinPolicy, leavePolicy, maxMembers } = application
  const { id } = await tx.one<{ id: bigint }>(sql`
    WITH application AS (
      INSERT INTO identity.applications (project_id, applicant_id, owner_id, name, homepage, description, start_date, end_date,
                                         join_policy, leave_policy, max_members, private, comments)
      VALUES (${application.projectId}, ${application.applicantId}, ${ownerId ?? null}, ${name ?? null}, ${homepage ?? null},
              ${description ?? null}, ${startDate ?? null}, ${endDate ?? null}, ${joinPolicy ?? null}, ${leavePolicy ?? null},
              ${maxMembers ?? null}, ${application.private ?? null}, ${application.comments})
      RETURNING id
    ), limits AS (
      INSERT INTO identity.application_limits (application_id, resource, project_capacity, member_capacity)
      SELECT a.id, l.resource, l.project, l.member FROM application a
      CROSS JOIN unnest(${entries.map(([resource]) => resource)}::text[], ${entries.map(([, { project }]) => project)}::bigint[],
                  ${entries.map(([, { member }]) => member)}::bigint[]) AS l(resource, project, member)
    )
    SELECT id FROM application`)
  return id
}

/** The application that waits gives way to a newer one. Answers who had applied. */
export function replacePending(tx: Tx, projectId: bigint) {
  return tx.maybeOne<{ id: bigint; applicant: string }>(sql`
    UPDATE identity.applications a SET state = 'replaced' FROM identity.users u
    WHERE a.project_id = ${projectId} AND a.state = 'pending' AND u.id = a.applicant_id
    RETURNING a.id, u.uuid AS applicant`)
}

export interface Decision {
  state: ApplicationState
  actor: string
  reason: string
}

export function respond(tx: Tx, id: bigint, { state, actor, reason }: Decision) {
  return tx.run(sql`
    UPDATE identity.applications SET state = ${state}, response = ${reason}, response_at = now(), response_actor = ${actor}
    WHERE id = ${id}`)
}

export function waive(tx: Tx, id: bigint, { state, actor, reason }: Decision) {
  return tx.run(sql`
    UPDATE identity.applications SET state = ${state}, waive_reason = ${reason}, waived_at = now(), waive_actor = ${actor}
    WHERE id = ${id}`)
}

/** How many applications wait, by who applied. */
export function countPending(db: Queryable) {
  return db.any<{ applicant: string; count: bigint }>(sql`
    SELECT u.uuid AS applicant, count(*) AS count
    FROM identity.applications a JOIN identity.users u ON u.id = a.applicant_id
    WHERE a.state = 'pending' GROUP BY u.uuid ORDER BY u.uuid`)
}
