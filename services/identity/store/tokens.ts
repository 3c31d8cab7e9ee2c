import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'
import { endOf } from './sessions.ts'

export interface TokenRow {
  id: bigint
  name: string
  isClassic: boolean
  secretSealed: Buffer | null
  /** null: the token may do what its owner can. */
  scopes: string[] | null
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
}

const COLUMNS = sql`
  id, name, is_classic AS "isClassic", secret_sealed AS "secretSealed", scopes, created_at AS "createdAt",
  expires_at AS "expiresAt", last_used_at AS "lastUsedAt"`

export interface NewToken {
  userId: bigint
  name: string
  isClassic: boolean
  secretHash: Buffer
  secretSealed: Buffer | null
  scopes: string[] | null
  expiresAt: Date | null
}

export function insertToken(tx: Tx, token: NewToken) {
  return tx.one<TokenRow>(sql`
    INSERT INTO identity.tokens (user_id, name, is_classic, secret_hash, secret_sealed, scopes, expires_at)
    VALUES (${token.userId}, ${token.name}, ${token.isClassic}, ${token.secretHash}, ${token.secretSealed},
            ${token.scopes}, ${token.expiresAt})
    RETURNING ${COLUMNS}`)
}

export function tokensOf(db: Queryable, userId: bigint) {
  return db.any<TokenRow>(sql`SELECT ${COLUMNS} FROM identity.tokens WHERE user_id = ${userId} ORDER BY id`)
}

export function classicTokenOf(db: Queryable, userId: bigint) {
  return db.maybeOne<TokenRow>(sql`SELECT ${COLUMNS} FROM identity.tokens WHERE user_id = ${userId} AND is_classic`)
}

/** Answers how many went. */
export function deleteToken(tx: Tx, userId: bigint, id: bigint) {
  return tx.run(sql`DELETE FROM identity.tokens WHERE user_id = ${userId} AND id = ${id} AND NOT is_classic`)
}

export function deleteClassicToken(tx: Tx, userId: bigint) {
  return tx.run(sql`DELETE FROM identity.tokens WHERE user_id = ${userId} AND is_classic`)
}

/** Notes that tokens were used. Written now and then, for many at once; not in the way of those who use them. */
export function noteTokenUse(db: Queryable, ids: readonly bigint[]) {
  return db.run(sql`UPDATE identity.tokens SET last_used_at = now() WHERE id = ANY(${ids}::bigint[])`)
}

/** What authentication has to know of the person behind a token or session, in one question. */
export interface PrincipalRow {
  id: bigint
  uuid: string
  email: string
  firstName: string
  lastName: string
  isActive: boolean
  hasSignedTerms: boolean
  hasSeenProfile: boolean
  defaultProject: string
  groups: { id: number; name: string }[]
  projects: string[]
  expiresAt: Date | null
  /** Set when the principal is a token. */
  tokenId: bigint | null
  tokenName: string | null
  /** Of a token that is limited; null: everything its owner can. */
  scopes: string[] | null
  lastUsedAt: Date | null
  /** Set when the principal is a browser session. */
  sessionId: bigint | null
  /** When the session was last seen. */
  lastSeenAt: Date | null
}

const PERSON = sql`
  u.id, u.uuid, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.is_active AS "isActive",
  u.has_signed_terms AS "hasSignedTerms", u.has_seen_profile AS "hasSeenProfile",
  coalesce(u.default_project, u.uuid) AS "defaultProject",
  (SELECT coalesce(json_agg(json_build_object('id', g.id, 'name', g.name) ORDER BY g.id), '[]')
   FROM identity.group_members gm JOIN identity.groups g ON g.id = gm.group_id WHERE gm.user_id = u.id) AS groups,
  ARRAY(SELECT p.uuid FROM identity.memberships m JOIN identity.projects p ON p.id = m.project_id
        WHERE m.user_id = u.id AND m.state IN ('accepted', 'leave_requested') AND p.state = 'active'
        ORDER BY p.uuid <> coalesce(u.default_project, u.uuid), p.id) AS projects`

/** Whom tokens belong to: `place` is that of the hash among those given, from 1. */
export function principalsOfTokens(db: Queryable, secretHashes: readonly Buffer[]) {
  return db.any<PrincipalRow & { place: number }>(sql`
    SELECT ${PERSON}, t.expires_at AS "expiresAt", t.id AS "tokenId", t.name AS "tokenName", t.scopes,
           t.last_used_at AS "lastUsedAt", NULL::bigint AS "sessionId", NULL::timestamptz AS "lastSeenAt", wanted.place::int AS place
    FROM unnest(${secretHashes}::bytea[]) WITH ORDINALITY AS wanted(secret_hash, place)
    JOIN identity.tokens t ON t.secret_hash = wanted.secret_hash
    JOIN identity.users u ON u.id = t.user_id`)
}

export function principalOfSession(db: Queryable, secretHash: Buffer, idleHours: number) {
  return db.maybeOne<PrincipalRow>(sql`
    SELECT ${PERSON}, ${endOf(idleHours)} AS "expiresAt", NULL::bigint AS "tokenId", NULL AS "tokenName",
           NULL::text[] AS scopes, NULL::timestamptz AS "lastUsedAt", s.id AS "sessionId", s.last_seen_at AS "lastSeenAt"
    FROM identity.sessions s JOIN identity.users u ON u.id = s.user_id
    WHERE s.secret_hash = ${secretHash}`)
}
