import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface PasskeyRow {
  id: bigint
  userId: bigint
  credentialId: Buffer
  publicKey: Buffer
  counter: bigint
  transports: string[]
  isSynced: boolean
  name: string
  createdAt: Date
  lastUsedAt: Date | null
}

const COLUMNS = sql`
  id, user_id AS "userId", credential_id AS "credentialId", public_key AS "publicKey", counter, transports,
  is_synced AS "isSynced", name, created_at AS "createdAt", last_used_at AS "lastUsedAt"`

export function passkeysOf(db: Queryable, userId: bigint) {
  return db.any<PasskeyRow>(sql`SELECT ${COLUMNS} FROM identity.passkeys WHERE user_id = ${userId} ORDER BY id`)
}

/** Whose passkey this is. */
export function findPasskey(db: Queryable, credentialId: Buffer) {
  return db.maybeOne<PasskeyRow>(sql`SELECT ${COLUMNS} FROM identity.passkeys WHERE credential_id = ${credentialId}`)
}

/** Locks the row until commit, so that its counter is compared and moved in one. */
export function lockPasskey(tx: Tx, credentialId: Buffer) {
  return tx.maybeOne<PasskeyRow>(sql`SELECT ${COLUMNS} FROM identity.passkeys WHERE credential_id = ${credentialId} FOR UPDATE`)
}

export type NewPasskey = Omit<PasskeyRow, 'id' | 'createdAt' | 'lastUsedAt'>

export function insertPasskey(tx: Tx, passkey: NewPasskey) {
  const { userId, credentialId, publicKey, counter, transports, isSynced, name } = passkey
  return tx.one<PasskeyRow>(sql`
    INSERT INTO identity.passkeys (user_id, credential_id, public_key, counter, transports, is_synced, name)
    VALUES (${userId}, ${credentialId}, ${publicKey}, ${counter}, ${transports}, ${isSynced}, ${name})
    RETURNING ${COLUMNS}`)
}

export function notePasskeyUse(tx: Tx, id: bigint, counter: bigint, isSynced: boolean) {
  return tx.run(sql`
    UPDATE identity.passkeys SET counter = ${counter}, is_synced = ${isSynced}, last_used_at = now() WHERE id = ${id}`)
}

/** Answers how many there were. */
export function renamePasskey(tx: Tx, userId: bigint, id: bigint, name: string) {
  return tx.run(sql`UPDATE identity.passkeys SET name = ${name} WHERE user_id = ${userId} AND id = ${id}`)
}

/** Answers the name of the one that went. */
export function deletePasskey(tx: Tx, userId: bigint, id: bigint) {
  return tx.maybeOne<{ name: string }>(sql`
    DELETE FROM identity.passkeys WHERE user_id = ${userId} AND id = ${id} RETURNING name`)
}

export function deletePasskeysOf(tx: Tx, userId: bigint) {
  return tx.run(sql`DELETE FROM identity.passkeys WHERE user_id = ${userId}`)
}
