import { type Queryable, sql } from '@synnefo/lib/sql'

export interface AuditEntry {
  /** The service that was asked, such as identity. */
  service: string
  /** uuid of the person, or the name of the command or task that acted. */
  actor: string
  /** Verb and noun, such as user-login. */
  action: string
  /** On what: `user:<uuid>`, `server:42`. */
  target: string
  /** Network address it came from, when it came over the network. */
  address?: string
  /** Done unless said otherwise. */
  result?: string
  details?: Record<string, unknown>
}

/** Notes who did what. Written in the transaction of the change, so that there is no change without its note. */
export async function audit(tx: Queryable, entry: AuditEntry): Promise<void> {
  const { service, actor, action, target, address = '', result = 'done', details = {} } = entry
  await tx.run(sql`
    INSERT INTO identity.audit (service, actor, action, target, address, result, details)
    VALUES (${service}, ${actor}, ${action}, ${target}, ${address}, ${result}, ${details})`)
}
