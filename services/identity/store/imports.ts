// What is on record of people who were brought from an installation of the original.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface ImportRecord {
  uuid: string
  digest: Buffer
  asBrought: Buffer
  problem: string | null
}

export function importRecords(q: Queryable, uuids: readonly string[]) {
  return q.any<ImportRecord>(sql`
    SELECT uuid, digest, as_brought AS "asBrought", problem FROM identity.imports WHERE uuid = ANY(${uuids as string[]}::text[])`)
}

export function recordImport(tx: Tx, { uuid, digest, asBrought, problem }: ImportRecord) {
  return tx.run(sql`
    INSERT INTO identity.imports (uuid, digest, as_brought, problem) VALUES (${uuid}, ${digest}, ${asBrought}, ${problem})
    ON CONFLICT (uuid) DO UPDATE SET digest = excluded.digest, as_brought = excluded.as_brought, problem = excluded.problem,
      imported_at = clock_timestamp()`)
}

/** Times that an account has from elsewhere, in seconds since 1970. */
export function setTimes(tx: Tx, id: bigint, { joinedAt, lastLoginAt }: { joinedAt: string | null; lastLoginAt: string | null }) {
  return tx.run(sql`
    UPDATE identity.users SET joined_at = coalesce(to_timestamp(${joinedAt}::double precision), joined_at),
      last_login_at = to_timestamp(${lastLoginAt}::double precision) WHERE id = ${id}`)
}

/** An account as far as people and operators change it: what an import must not overwrite unseen. */
export async function accountText(q: Queryable, uuid: string): Promise<string | undefined> {
  const row = await q.maybeOne<{ account: string }>(sql`
    SELECT jsonb_build_array(u.email, u.first_name, u.last_name, u.affiliation, u.password_hash, u.email_verified, u.moderated,
      u.is_rejected, u.is_active, u.is_superuser, u.permissions, u.level, u.invitations,
      (SELECT encode(t.secret_hash, 'hex') FROM identity.tokens t WHERE t.user_id = u.id AND t.is_classic),
      (SELECT jsonb_agg(g.name ORDER BY g.name) FROM identity.group_members m JOIN identity.groups g ON g.id = m.group_id
        WHERE m.user_id = u.id),
      (SELECT jsonb_agg(jsonb_build_array(a.module, a.identifier, a.is_active) ORDER BY a.module, a.identifier)
        FROM identity.auth_providers a WHERE a.user_id = u.id),
      (SELECT jsonb_agg(jsonb_build_array(l.resource, l.project_capacity::text, l.member_capacity::text) ORDER BY l.resource)
        FROM identity.projects p JOIN identity.project_limits l ON l.project_id = p.id WHERE p.uuid = u.uuid))::text AS account
    FROM identity.users u WHERE u.uuid = ${uuid}`)
  return row?.account
}

/** Whether somebody has a token with this secret. */
export async function tokenIsTaken(q: Queryable, secretHash: Buffer, except: bigint): Promise<boolean> {
  const rows = await q.any(
    sql`SELECT FROM identity.tokens WHERE secret_hash = ${secretHash} AND NOT (user_id = ${except} AND is_classic)`,
  )
  return rows.length > 0
}

/** Removes the person from all groups but these. */
export function leaveOtherGroups(tx: Tx, userId: bigint, names: readonly string[]) {
  return tx.run(sql`
    DELETE FROM identity.group_members m USING identity.groups g
    WHERE m.user_id = ${userId} AND g.id = m.group_id AND g.name <> ALL(${names as string[]}::text[])`)
}
