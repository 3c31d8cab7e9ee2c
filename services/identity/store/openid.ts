import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface OpenIdRecord {
  model: string
  idHash: Buffer
  uidHash: Buffer | null
  grantHash: Buffer | null
  account: string | null
  payload: Buffer
  expiresAt: Date | null
}

export function upsertRecord(db: Queryable, record: OpenIdRecord) {
  const { model, idHash, uidHash, grantHash, account, payload, expiresAt } = record
  return db.run(sql`
    INSERT INTO identity.openid_records (model, id_hash, uid_hash, grant_hash, account, payload, expires_at)
    VALUES (${model}, ${idHash}, ${uidHash}, ${grantHash}, ${account}, ${payload}, ${expiresAt})
    ON CONFLICT (model, id_hash) DO UPDATE SET uid_hash = excluded.uid_hash, grant_hash = excluded.grant_hash,
      account = excluded.account, payload = excluded.payload, expires_at = excluded.expires_at`)
}

const FOUND = sql`SELECT payload, consumed_at AS "consumedAt" FROM identity.openid_records`

export interface FoundRecord {
  payload: Buffer
  consumedAt: Date | null
}

export function findRecord(db: Queryable, model: string, idHash: Buffer) {
  return db.maybeOne<FoundRecord>(sql`${FOUND} WHERE model = ${model} AND id_hash = ${idHash}`)
}

export function findRecordByUid(db: Queryable, model: string, uidHash: Buffer) {
  return db.maybeOne<FoundRecord>(sql`${FOUND} WHERE model = ${model} AND uid_hash = ${uidHash}`)
}

/** Whom a record lets somebody in as. */
export function accountOfRecord(db: Queryable, model: string, idHash: Buffer) {
  return db.maybeOne<{ account: string | null }>(sql`
    SELECT account FROM identity.openid_records WHERE model = ${model} AND id_hash = ${idHash}`)
}

export function consumeRecord(db: Queryable, model: string, idHash: Buffer) {
  return db.run(sql`
    UPDATE identity.openid_records SET consumed_at = now()
    WHERE model = ${model} AND id_hash = ${idHash} AND consumed_at IS NULL`)
}

export function deleteRecord(db: Queryable, model: string, idHash: Buffer) {
  return db.run(sql`DELETE FROM identity.openid_records WHERE model = ${model} AND id_hash = ${idHash}`)
}

export function deleteRecordsOfGrant(db: Queryable, grantHash: Buffer) {
  return db.run(sql`DELETE FROM identity.openid_records WHERE grant_hash = ${grantHash}`)
}

export function deleteExpiredRecords(db: Queryable) {
  return db.run(sql`DELETE FROM identity.openid_records WHERE expires_at < now()`)
}

export interface OpenIdKeyRow {
  id: bigint
  kid: string
  privateKeySealed: Buffer
  createdAt: Date
}

/** Newest first. */
export function listOpenIdKeys(db: Queryable) {
  return db.any<OpenIdKeyRow>(sql`
    SELECT id, kid, private_key_sealed AS "privateKeySealed", created_at AS "createdAt" FROM identity.openid_keys ORDER BY id DESC`)
}

/** One process at a time makes a key; readers are not held up. */
export function lockOpenIdKeys(tx: Tx) {
  return tx.run(sql`LOCK TABLE identity.openid_keys IN SHARE ROW EXCLUSIVE MODE`)
}

export function insertOpenIdKey(tx: Tx, kid: string, privateKeySealed: Buffer) {
  return tx.run(sql`INSERT INTO identity.openid_keys (kid, private_key_sealed) VALUES (${kid}, ${privateKeySealed})`)
}

/** Those that a newer one replaced this many days ago. */
export function deleteReplacedOpenIdKeys(tx: Tx, days: number) {
  return tx.run(sql`
    DELETE FROM identity.openid_keys k WHERE EXISTS (
      SELECT FROM identity.openid_keys newer WHERE newer.id > k.id AND newer.created_at < now() - ${days}::int * interval '1 day')`)
}
