import { type Queryable, sql } from '@synnefo/lib/sql'
import type { MembershipState } from '../wire/membership-states.ts'
import type { ProjectState } from '../wire/project-states.ts'

export interface PolicyMembership {
  id: bigint
  /** uuids */
  user: string
  project: string
  state: MembershipState
  overquotaState: string
  /** When it became that, and since when the limits are exceeded. */
  overquotaStateAt: Date | null
  overquotaAt: Date | null
}

export interface PolicyProject {
  uuid: string
  state: ProjectState
}

export function findPolicyMembership(db: Queryable, id: bigint) {
  return db.maybeOne<PolicyMembership>(sql`
    SELECT m.id, u.uuid AS "user", p.uuid AS project, m.state, m.overquota_state AS "overquotaState",
           m.overquota_state_at AS "overquotaStateAt", m.overquota_at AS "overquotaAt"
    FROM identity.memberships m JOIN identity.users u ON u.id = m.user_id JOIN identity.projects p ON p.id = m.project_id
    WHERE m.id = ${id}`)
}

export function findPolicyProject(db: Queryable, id: bigint) {
  return db.maybeOne<PolicyProject>(sql`SELECT uuid, state FROM identity.projects WHERE id = ${id}`)
}

export function noteOverquota(db: Queryable, id: bigint, state: string, since: Date | null) {
  return db.run(sql`
    UPDATE identity.memberships SET overquota_state = ${state}, overquota_state_at = now(), overquota_at = ${since}
    WHERE id = ${id}`)
}
