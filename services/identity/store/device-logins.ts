import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface DeviceLoginRow {
  id: bigint
  client: string
  deviceName: string
  scopes: string[]
  address: string
  state: 'pending' | 'approved' | 'refused'
  userId: bigint | null
  intervalSeconds: number
  askedAt: Date | null
  createdAt: Date
  expiresAt: Date
}

const COLUMNS = sql`
  id, client, device_name AS "deviceName", scopes, address, state, user_id AS "userId", interval_seconds AS "intervalSeconds",
  asked_at AS "askedAt", created_at AS "createdAt", expires_at AS "expiresAt" FROM identity.device_logins`

export interface NewDeviceLogin {
  deviceCodeHash: Buffer
  userCodeMac: Buffer
  client: string
  deviceName: string
  scopes: readonly string[]
  address: string
  intervalSeconds: number
  expiresAt: Date
}

export function insertDeviceLogin(db: Queryable, login: NewDeviceLogin) {
  return db.run(sql`
    INSERT INTO identity.device_logins
      (device_code_hash, user_code_mac, client, device_name, scopes, address, interval_seconds, expires_at)
    VALUES (${login.deviceCodeHash}, ${login.userCodeMac}, ${login.client}, ${login.deviceName}, ${login.scopes as string[]},
            ${login.address}, ${login.intervalSeconds}, ${login.expiresAt})`)
}

/** The login that a person's code stands for, while it waits for him. */
export function findPendingDeviceLogin(db: Queryable, userCodeMac: Buffer) {
  return db.maybeOne<DeviceLoginRow>(sql`
    SELECT ${COLUMNS} WHERE user_code_mac = ${userCodeMac} AND state = 'pending' AND expires_at > now()`)
}

/** Answers how many there were to decide: one, or none when somebody did before. */
export function decideDeviceLogin(tx: Tx, id: bigint, userId: bigint, state: 'approved' | 'refused') {
  return tx.run(sql`
    UPDATE identity.device_logins SET state = ${state}, user_id = ${userId}
    WHERE id = ${id} AND state = 'pending' AND expires_at > now()`)
}

/** Locks it: of many who ask with the same code, one gets the token. */
export function lockDeviceLogin(tx: Tx, deviceCodeHash: Buffer) {
  return tx.maybeOne<DeviceLoginRow>(sql`SELECT ${COLUMNS} WHERE device_code_hash = ${deviceCodeHash} FOR UPDATE`)
}

export function noteAsked(tx: Tx, id: bigint, intervalSeconds: number) {
  return tx.run(sql`
    UPDATE identity.device_logins SET asked_at = now(), interval_seconds = ${intervalSeconds} WHERE id = ${id}`)
}

export function deleteDeviceLogin(tx: Tx, id: bigint) {
  return tx.run(sql`DELETE FROM identity.device_logins WHERE id = ${id}`)
}

/** Takes back what a person agreed to and no device has fetched its token for. */
export function refuseDeviceLoginsOf(tx: Tx, userId: bigint) {
  return tx.run(sql`UPDATE identity.device_logins SET state = 'refused' WHERE user_id = ${userId} AND state = 'approved'`)
}

/** Kept for a day, so that who comes late is told what happened. */
export function deleteOldDeviceLogins(db: Queryable) {
  return db.run(sql`DELETE FROM identity.device_logins WHERE expires_at < now() - interval '1 day'`)
}
