import { type Queryable, sql } from '@synnefo/lib/sql'

/** A profile of policies, as it is attached to people and groups. */
export interface AuthPolicyRow {
  id: bigint
  name: string
  provider: string
  isExclusive: boolean
  priority: number
  add: boolean | null
  remove: boolean | null
  create: boolean | null
  login: boolean | null
  limit: number | null
  required: boolean | null
  automoderate: boolean | null
  switch: boolean | null
}

const COLUMNS = sql`
  p.id, p.name, p.provider, p.is_exclusive AS "isExclusive", p.priority, p.policy_add AS "add", p.policy_remove AS "remove",
  p.policy_create AS "create", p.policy_login AS "login", p.policy_limit AS "limit", p.policy_required AS "required",
  p.policy_automoderate AS "automoderate", p.policy_switch AS "switch"`

/** The active profiles that count for a person, the weightiest last: those of groups outweigh his own. */
export function authPoliciesOf(db: Queryable, userId: bigint) {
  return db.any<AuthPolicyRow>(sql`
    SELECT ${COLUMNS}
    FROM (
      SELECT policy_id, 1 AS weight FROM identity.auth_policy_users WHERE user_id = ${userId}
      UNION ALL
      SELECT a.policy_id, 2 FROM identity.group_members m
        JOIN identity.auth_policy_groups a ON a.group_id = m.group_id WHERE m.user_id = ${userId}
    ) attached JOIN identity.auth_policies p ON p.id = attached.policy_id
    WHERE p.is_active ORDER BY attached.weight, p.priority, p.id`)
}
