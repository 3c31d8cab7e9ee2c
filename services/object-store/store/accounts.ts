import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import type { Metadata } from './containers.ts'

export interface AccountFacts {
  id: string
  metadata: Metadata
  containers: bigint
  /** Latest change of the account or of anything in it. */
  changedAt: Date
}

export function findAccount(q: Queryable, id: string) {
  return q.maybeOne<{ id: string }>(sql`SELECT id FROM object_store.accounts WHERE id = ${id}`)
}

export function addAccount(q: Queryable, id: string) {
  return q.run(sql`INSERT INTO object_store.accounts (id) VALUES (${id}) ON CONFLICT DO NOTHING`)
}

export function describeAccount(q: Queryable, id: string) {
  return q.maybeOne<AccountFacts>(sql`
    SELECT id, metadata,
      (SELECT count(*) FROM object_store.containers WHERE account = accounts.id) AS containers,
      greatest(modified_at,
        (SELECT max(modified_at) FROM object_store.containers WHERE account = accounts.id),
        (SELECT max(changed_at) FROM object_store.container_statistics JOIN object_store.containers c ON c.id = container_id
          WHERE account = accounts.id),
        (SELECT max(changed_at) FROM object_store.container_changes JOIN object_store.containers c ON c.id = container_id
          WHERE account = accounts.id)) AS "changedAt"
    FROM object_store.accounts WHERE id = ${id}`)
}

export function lockAccount(tx: Tx, id: string) {
  return tx.one<{ metadata: Metadata }>(sql`SELECT metadata FROM object_store.accounts WHERE id = ${id} FOR UPDATE`)
}

/** What it had is remembered; times there never go back, whatever the clock does. The account is locked. */
export async function setAccountMetadata(tx: Tx, id: string, metadata: Metadata): Promise<void> {
  await tx.run(sql`
    INSERT INTO object_store.account_history (account, metadata, replaced_at)
    SELECT id, metadata, greatest(clock_timestamp(), created_at,
      (SELECT max(replaced_at) FROM object_store.account_history WHERE account = accounts.id))
    FROM object_store.accounts WHERE id = ${id} AND metadata <> ${metadata}::jsonb`)
  await tx.run(sql`
    UPDATE object_store.accounts SET metadata = ${metadata}, modified_at = clock_timestamp() WHERE id = ${id}`)
}
