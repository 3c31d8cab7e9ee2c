import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

/** In order of name, members too. */
export function listGroups(q: Queryable, account: string) {
  return q.any<{ name: string; members: string[] }>(sql`
    SELECT name, array_agg(member ORDER BY member) AS members FROM object_store.groups
    WHERE account = ${account} GROUP BY name ORDER BY name`)
}

/** Puts these groups in the place of those of these names; undefined: of all. */
export async function replaceGroups(
  tx: Tx,
  account: string,
  names: readonly string[] | undefined,
  groups: readonly (readonly [string, readonly string[]])[],
): Promise<void> {
  const replaced = names === undefined ? sql`true` : sql`name = ANY(${names as string[]}::text[])`
  await tx.run(sql`DELETE FROM object_store.groups WHERE account = ${account} AND ${replaced}`)
  const rows = groups.flatMap(([name, members]) => members.map((member) => ({ name, member })))
  await tx.run(sql`
    INSERT INTO object_store.groups (account, name, member)
    SELECT ${account}, * FROM unnest(${rows.map(({ name }) => name)}::text[], ${rows.map(({ member }) => member)}::text[])`)
  await tx.run(sql`UPDATE object_store.accounts SET modified_at = clock_timestamp() WHERE id = ${account}`)
}
