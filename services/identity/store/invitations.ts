import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface InvitationRow {
  id: bigint
  inviterId: bigint
  realname: string
  email: string
  createdAt: Date
  consumedAt: Date | null
}

const COLUMNS = sql`
  i.id, i.inviter_id AS "inviterId", i.realname, i.email, i.created_at AS "createdAt", i.consumed_at AS "consumedAt"`

export interface NewInvitation {
  inviterId: bigint
  realname: string
  email: string
  codeHash: Buffer
}

/** Undefined when the address was invited before. */
export function insertInvitation(tx: Tx, { inviterId, realname, email, codeHash }: NewInvitation) {
  return tx.maybeOne<InvitationRow>(sql`
    INSERT INTO identity.invitations AS i (inviter_id, realname, email, code_hash)
    VALUES (${inviterId}, ${realname}, ${email}, ${codeHash})
    ON CONFLICT (email) DO NOTHING RETURNING ${COLUMNS}`)
}

export function findInvitationByCode(db: Queryable, codeHash: Buffer) {
  return db.maybeOne<InvitationRow>(sql`SELECT ${COLUMNS} FROM identity.invitations i WHERE i.code_hash = ${codeHash}`)
}

export function invitationsOf(db: Queryable, inviterId: bigint) {
  return db.any<InvitationRow>(sql`SELECT ${COLUMNS} FROM identity.invitations i WHERE i.inviter_id = ${inviterId} ORDER BY i.id`)
}

/** Uses up the invitation of this address, if there is one; answers the level of who sent it. */
export function consumeInvitation(tx: Tx, email: string) {
  return tx.maybeOne<{ inviterLevel: number }>(sql`
    UPDATE identity.invitations i SET consumed_at = now() FROM identity.users u
    WHERE i.email = ${email} AND i.consumed_at IS NULL AND u.id = i.inviter_id
    RETURNING u.level AS "inviterLevel"`)
}
