import { join, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'
import type { ProfilePolicy } from '../wire/login-policies.ts'

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

export interface AuthPolicySummary extends AuthPolicyRow {
  isActive: boolean
  groups: string[]
  /** Addresses. */
  users: string[]
}

/** Profiles with who has them. `condition` is about columns of `p`. */
export function listAuthPolicies(db: Queryable, condition: Sql) {
  return db.any<AuthPolicySummary>(sql`
    SELECT ${COLUMNS}, p.is_active AS "isActive",
      ARRAY(SELECT g.name::text FROM identity.auth_policy_groups a JOIN identity.groups g ON g.id = a.group_id
            WHERE a.policy_id = p.id ORDER BY g.id) AS groups,
      ARRAY(SELECT u.email::text FROM identity.auth_policy_users a JOIN identity.users u ON u.id = a.user_id
            WHERE a.policy_id = p.id ORDER BY u.id) AS users
    FROM identity.auth_policies p WHERE ${condition} ORDER BY p.id`)
}

export function lockAuthPolicy(tx: Tx, name: string) {
  return tx.maybeOne<AuthPolicyRow>(sql`SELECT ${COLUMNS} FROM identity.auth_policies p WHERE p.name = ${name} FOR UPDATE`)
}

export type StoredPolicies = Pick<AuthPolicyRow, ProfilePolicy>

export function insertAuthPolicy(tx: Tx, name: string, provider: string, isExclusive: boolean) {
  return tx.run(sql`
    INSERT INTO identity.auth_policies (name, provider, is_exclusive) VALUES (${name}, ${provider}, ${isExclusive})`)
}

const COLUMN_OF: Record<ProfilePolicy, Sql> = {
  add: sql`policy_add`,
  remove: sql`policy_remove`,
  create: sql`policy_create`,
  login: sql`policy_login`,
  limit: sql`policy_limit`,
  required: sql`policy_required`,
  automoderate: sql`policy_automoderate`,
  switch: sql`policy_switch`,
}

export interface AuthPolicyChange {
  provider: string
  isExclusive: boolean
  /** Null: says nothing any more. */
  policies: Partial<StoredPolicies>
}

export function updateAuthPolicy(tx: Tx, name: string, { provider, isExclusive, policies }: AuthPolicyChange) {
  const names = (Object.keys(COLUMN_OF) as ProfilePolicy[]).filter((policy) => policies[policy] !== undefined)
  const assignments = names.map((policy) => sql`${COLUMN_OF[policy]} = ${policies[policy]}`)
  return tx.run(sql`
    UPDATE identity.auth_policies
    SET ${join([sql`provider = ${provider}`, sql`is_exclusive = ${isExclusive}`, ...assignments])}
    WHERE name = ${name}`)
}

export function deleteAuthPolicy(tx: Tx, name: string) {
  return tx.run(sql`DELETE FROM identity.auth_policies WHERE name = ${name}`)
}

/** Attaches the profile to exactly these people and groups; answers how many of them there are. */
export async function assignAuthPolicy(tx: Tx, id: bigint, userIds: readonly bigint[], groupIds: readonly bigint[]) {
  await tx.run(sql`DELETE FROM identity.auth_policy_users WHERE policy_id = ${id}`)
  await tx.run(sql`DELETE FROM identity.auth_policy_groups WHERE policy_id = ${id}`)
  const users = await tx.run(sql`
    INSERT INTO identity.auth_policy_users (policy_id, user_id)
    SELECT ${id}, u.id FROM identity.users u WHERE u.id = ANY(${userIds}::bigint[])`)
  const groups = await tx.run(sql`
    INSERT INTO identity.auth_policy_groups (policy_id, group_id)
    SELECT ${id}, g.id FROM identity.groups g WHERE g.id = ANY(${groupIds}::bigint[])`)
  return { users, groups }
}
