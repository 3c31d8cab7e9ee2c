import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface GroupRow {
  id: bigint
  name: string
  permissions: string[]
}

export function groupsOf(db: Queryable, userId: bigint) {
  return db.any<GroupRow>(sql`
    SELECT g.id, g.name, g.permissions FROM identity.group_members m JOIN identity.groups g ON g.id = m.group_id
    WHERE m.user_id = ${userId} ORDER BY g.id`)
}

/** Makes the group when there is none of this name. */
export function ensureGroup(tx: Tx, name: string) {
  return tx.run(sql`INSERT INTO identity.groups (name) VALUES (${name}) ON CONFLICT (name) DO NOTHING`)
}

/** Names that mean something where nothing else is set. Answers those that were missing. */
export const STANDARD_GROUPS = ['default', 'admin', 'helpdesk', 'admin-readonly', 'admin-stats', 'admin-api'] as const

export async function ensureStandardGroups(tx: Tx): Promise<string[]> {
  const rows = await tx.any<{ name: string }>(sql`
    INSERT INTO identity.groups (name) SELECT unnest(${[...STANDARD_GROUPS]}::text[]) ON CONFLICT (name) DO NOTHING RETURNING name`)
  return rows.map(({ name }) => name)
}

export async function groupExists(db: Queryable, name: string): Promise<boolean> {
  return (await db.maybeOne(sql`SELECT id FROM identity.groups WHERE name = ${name}`)) !== undefined
}

/** Answers whether the person was not a member before. */
export async function joinGroup(tx: Tx, userId: bigint, name: string): Promise<boolean> {
  const joined = await tx.run(sql`
    INSERT INTO identity.group_members (user_id, group_id)
    SELECT ${userId}, id FROM identity.groups WHERE name = ${name}
    ON CONFLICT DO NOTHING`)
  return joined === 1
}

/** Answers whether the person was a member. */
export async function leaveGroup(tx: Tx, userId: bigint, name: string): Promise<boolean> {
  const left = await tx.run(sql`
    DELETE FROM identity.group_members m USING identity.groups g
    WHERE g.id = m.group_id AND m.user_id = ${userId} AND g.name = ${name}`)
  return left === 1
}

/** Addresses of active members of the group. */
export async function emailsOfGroup(db: Queryable, group: string, atMost: number): Promise<string[]> {
  const rows = await db.any<{ email: string }>(sql`
    SELECT u.email FROM identity.groups g
    JOIN identity.group_members m ON m.group_id = g.id JOIN identity.users u ON u.id = m.user_id
    WHERE g.name = ${group} AND u.is_active ORDER BY u.id LIMIT ${atMost}`)
  return rows.map(({ email }) => email)
}

export interface GroupSummary {
  id: bigint
  name: string
  members: number
}

/** `condition` is about columns of `g`, identity.groups. */
export function listGroups(db: Queryable, condition: Sql) {
  return db.any<GroupSummary>(sql`
    SELECT g.id, g.name, count(m.user_id)::int AS members
    FROM identity.groups g LEFT JOIN identity.group_members m ON m.group_id = g.id
    WHERE ${condition} GROUP BY g.id ORDER BY g.id`)
}
