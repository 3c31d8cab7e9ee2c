import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface BackendRow {
  id: bigint
  name: string
  kind: 'builtin' | 'ganeti' | 'simulated'
  drained: boolean
  offline: boolean
}

export function allBackends(db: Queryable): Promise<BackendRow[]> {
  return db.any<BackendRow>(sql`SELECT id, name, kind, drained, offline FROM compute.backends ORDER BY id`)
}

/** Notes a backend of this installation; nothing changes when it is known. */
export async function ensureBackend(tx: Tx, name: string, kind: BackendRow['kind']): Promise<void> {
  await tx.run(sql`INSERT INTO compute.backends (name, kind) VALUES (${name}, ${kind}) ON CONFLICT (name) DO NOTHING`)
}
