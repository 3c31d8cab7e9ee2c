import { join, type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface UserRow {
  id: bigint
  uuid: string
  email: string
  firstName: string
  lastName: string
  affiliation: string
  passwordHash: string | null
  emailVerified: boolean
  verifiedAt: Date | null
  activationSentAt: Date | null
  moderated: boolean
  moderatedAt: Date | null
  acceptedPolicy: string | null
  acceptedEmail: string | null
  isRejected: boolean
  rejectedReason: string
  isActive: boolean
  deactivatedReason: string
  deactivatedAt: Date | null
  isSuperuser: boolean
  hasSignedTerms: boolean
  signedTermsAt: Date | null
  hasSeenProfile: boolean
  defaultProject: string | null
  level: number
  invitations: number
  permissions: string[]
  joinedAt: Date
  updatedAt: Date
  lastLoginAt: Date | null
}

const COLUMNS = sql`
  u.id, u.uuid, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.affiliation,
  u.password_hash AS "passwordHash", u.email_verified AS "emailVerified", u.verified_at AS "verifiedAt",
  u.activation_sent_at AS "activationSentAt", u.moderated, u.moderated_at AS "moderatedAt",
  u.accepted_policy AS "acceptedPolicy", u.accepted_email AS "acceptedEmail", u.is_rejected AS "isRejected",
  u.rejected_reason AS "rejectedReason", u.is_active AS "isActive", u.deactivated_reason AS "deactivatedReason",
  u.deactivated_at AS "deactivatedAt", u.is_superuser AS "isSuperuser", u.has_signed_terms AS "hasSignedTerms",
  u.signed_terms_at AS "signedTermsAt", u.has_seen_profile AS "hasSeenProfile", u.default_project AS "defaultProject", u.level, u.invitations, u.permissions,
  u.joined_at AS "joinedAt", u.updated_at AS "updatedAt", u.last_login_at AS "lastLoginAt"`

/** Locks the person until commit. Before everything else of identity: projects, memberships, holdings. */
export function lockUser(tx: Tx, id: bigint) {
  return tx.maybeOne<UserRow>(sql`SELECT ${COLUMNS} FROM identity.users u WHERE u.id = ${id} FOR NO KEY UPDATE`)
}

export function findUser(db: Queryable, id: bigint) {
  return db.maybeOne<UserRow>(sql`SELECT ${COLUMNS} FROM identity.users u WHERE u.id = ${id}`)
}

export function findUserByUuid(db: Queryable, uuid: string) {
  return db.maybeOne<UserRow>(sql`SELECT ${COLUMNS} FROM identity.users u WHERE u.uuid = ${uuid}`)
}

/** The person whose address this is: verified before unverified, newest first. */
export async function findUserByEmail(db: Queryable, email: string): Promise<UserRow | undefined> {
  const [user] = await usersByEmail(db, email)
  return user
}

export function usersByEmail(db: Queryable, email: string) {
  return db.any<UserRow>(sql`
    SELECT ${COLUMNS} FROM identity.users u WHERE u.email = ${email.toLowerCase()} ORDER BY u.email_verified DESC, u.id DESC`)
}

/** The person whose newest verification mail held the code with this hash. */
export function findUserByVerification(db: Queryable, hash: Buffer) {
  return db.maybeOne<UserRow>(sql`SELECT ${COLUMNS} FROM identity.users u WHERE u.verification_hash = ${hash}`)
}

export interface NewUser {
  uuid: string
  email: string
  firstName: string
  lastName: string
  affiliation: string
  passwordHash: string | null
  hasSignedTerms: boolean
  signedTermsAt: Date | null
  level: number
  invitations: number
}

export function insertUser(tx: Tx, user: NewUser) {
  return tx.one<UserRow>(sql`
    INSERT INTO identity.users AS u
      (uuid, email, first_name, last_name, affiliation, password_hash, has_signed_terms, signed_terms_at, level, invitations)
    VALUES (${user.uuid}, ${user.email}, ${user.firstName}, ${user.lastName}, ${user.affiliation}, ${user.passwordHash},
            ${user.hasSignedTerms}, ${user.signedTermsAt}, ${user.level}, ${user.invitations})
    RETURNING ${COLUMNS}`)
}

/** Registrations of the address that nobody verified give way; answers how many went. */
export function deleteUnverified(tx: Tx, email: string, except?: bigint) {
  return tx.run(sql`
    DELETE FROM identity.users WHERE email = ${email} AND NOT email_verified AND id IS DISTINCT FROM ${except ?? null}`)
}

export function deleteUser(tx: Tx, id: bigint) {
  return tx.run(sql`DELETE FROM identity.users WHERE id = ${id}`)
}

export type UserChange = Partial<
  Pick<
    UserRow,
    | 'email'
    | 'firstName'
    | 'lastName'
    | 'affiliation'
    | 'passwordHash'
    | 'emailVerified'
    | 'verifiedAt'
    | 'activationSentAt'
    | 'moderated'
    | 'moderatedAt'
    | 'acceptedPolicy'
    | 'acceptedEmail'
    | 'isRejected'
    | 'rejectedReason'
    | 'isActive'
    | 'deactivatedReason'
    | 'deactivatedAt'
    | 'isSuperuser'
    | 'hasSignedTerms'
    | 'signedTermsAt'
    | 'hasSeenProfile'
    | 'defaultProject'
    | 'level'
    | 'invitations'
    | 'permissions'
    | 'lastLoginAt'
  >
> & { verificationHash?: Buffer | null; moderatedData?: object | null }

const COLUMN_OF: Record<keyof UserChange, Sql> = {
  email: sql`email`,
  firstName: sql`first_name`,
  lastName: sql`last_name`,
  affiliation: sql`affiliation`,
  passwordHash: sql`password_hash`,
  emailVerified: sql`email_verified`,
  verifiedAt: sql`verified_at`,
  verificationHash: sql`verification_hash`,
  activationSentAt: sql`activation_sent_at`,
  moderated: sql`moderated`,
  moderatedAt: sql`moderated_at`,
  moderatedData: sql`moderated_data`,
  acceptedPolicy: sql`accepted_policy`,
  acceptedEmail: sql`accepted_email`,
  isRejected: sql`is_rejected`,
  rejectedReason: sql`rejected_reason`,
  isActive: sql`is_active`,
  deactivatedReason: sql`deactivated_reason`,
  deactivatedAt: sql`deactivated_at`,
  isSuperuser: sql`is_superuser`,
  hasSignedTerms: sql`has_signed_terms`,
  signedTermsAt: sql`signed_terms_at`,
  hasSeenProfile: sql`has_seen_profile`,
  defaultProject: sql`default_project`,
  level: sql`level`,
  invitations: sql`invitations`,
  permissions: sql`permissions`,
  lastLoginAt: sql`last_login_at`,
}

export function updateUser(tx: Tx, id: bigint, change: UserChange) {
  const names = (Object.keys(COLUMN_OF) as (keyof UserChange)[]).filter((name) => change[name] !== undefined)
  const assignments = [...names.map((name) => sql`${COLUMN_OF[name]} = ${change[name]}`), sql`updated_at = now()`]
  return tx.one<UserRow>(sql`
    UPDATE identity.users u SET ${join(assignments, ', ')} WHERE u.id = ${id} RETURNING ${COLUMNS}`)
}

/** How many people there are; counting stops at `atMost`. */
export async function countUsers(db: Queryable, atMost: number): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM (SELECT FROM identity.users LIMIT ${atMost}) AS people`)
  return count
}

/** Addresses by uuid. */
export function emailsOf(db: Queryable, uuids: readonly string[]) {
  return db.any<{ uuid: string; email: string }>(sql`SELECT uuid, email FROM identity.users WHERE uuid = ANY(${uuids}::text[])`)
}

/** Ids by address (in lower case); a verified person before one who is not. */
export function uuidsOf(db: Queryable, emails: readonly string[]) {
  return db.any<{ uuid: string; email: string }>(sql`
    SELECT DISTINCT ON (email) uuid, email FROM identity.users WHERE email = ANY(${emails}::text[])
    ORDER BY email, email_verified DESC, id DESC`)
}

/** Everybody, some at a time, in order of uuid. */
export function nextByUuid(db: Queryable, after: string, limit: number) {
  return db.any<{ uuid: string; email: string }>(sql`
    SELECT uuid, email FROM identity.users WHERE uuid > ${after} ORDER BY uuid LIMIT ${limit}`)
}

/** Every address, some at a time, in their order, with the person it belongs to. */
export function nextByEmail(db: Queryable, after: string, limit: number) {
  return db.any<{ uuid: string; email: string }>(sql`
    SELECT DISTINCT ON (email) uuid, email FROM identity.users WHERE email > ${after}
    ORDER BY email, email_verified DESC, id DESC LIMIT ${limit}`)
}

/** The accepted people that these addresses (in lower case) belong to, active or not. */
export function acceptedByEmail(db: Queryable, emails: readonly string[]) {
  return db.any<{ id: bigint; uuid: string; email: string }>(sql`
    SELECT id, uuid, email FROM identity.users
    WHERE email = ANY(${emails}::text[]) AND email_verified AND moderated AND NOT is_rejected ORDER BY id`)
}
