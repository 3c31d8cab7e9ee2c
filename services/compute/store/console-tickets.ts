import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface ConsoleTicketRow {
  serverId: bigint
  kind: 'vnc' | 'serial'
  sealedToken: Buffer
}

export async function insertConsoleTicket(tx: Tx, hash: Buffer, ticket: ConsoleTicketRow, lifeSeconds: number): Promise<void> {
  await tx.run(sql`DELETE FROM compute.console_tickets WHERE expires_at < now()`)
  await tx.run(sql`
    INSERT INTO compute.console_tickets (hash, server_id, kind, sealed_token, expires_at)
    VALUES (${hash}, ${ticket.serverId}, ${ticket.kind}, ${ticket.sealedToken}, now() + make_interval(secs => ${lifeSeconds}))`)
}

/** Takes the ticket: the second one to ask finds nothing. */
export function takeConsoleTicket(db: Queryable, hash: Buffer): Promise<ConsoleTicketRow | undefined> {
  return db.maybeOne<ConsoleTicketRow>(sql`
    DELETE FROM compute.console_tickets WHERE hash = ${hash} AND expires_at > now()
    RETURNING server_id AS "serverId", kind, sealed_token AS "sealedToken"`)
}
