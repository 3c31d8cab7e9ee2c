import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface AuthProviderRow {
  id: bigint
  module: string
  identifier: string
  isActive: boolean
  lastLoginAt: Date | null
  info: Record<string, unknown>
}

/** What a provider says of the person behind an identity, kept with the link. */
export interface LinkFacts {
  affiliation: string
  info: Record<string, unknown>
}

/** The index that says that one verified person at most holds an identity. */
export const VERIFIED_IDENTITY = 'auth_providers_verified_identity'

/** Links a way to sign in to the person; linking again makes it active again. */
export function linkAuthProvider(tx: Tx, userId: bigint, module: string, identifier = '', facts?: LinkFacts) {
  return tx.run(sql`
    INSERT INTO identity.auth_providers AS a (user_id, is_verified, module, identifier, affiliation, info)
    SELECT id, email_verified, ${module}, ${identifier}, ${facts?.affiliation ?? ''}, ${facts?.info ?? {}}
    FROM identity.users WHERE id = ${userId}
    ON CONFLICT (user_id, module, identifier) DO UPDATE
    SET is_active = true, affiliation = excluded.affiliation, info = excluded.info`)
}

export function authProvidersOf(db: Queryable, userId: bigint) {
  return db.any<AuthProviderRow>(sql`
    SELECT id, module, identifier, is_active AS "isActive", last_login_at AS "lastLoginAt", info
    FROM identity.auth_providers WHERE user_id = ${userId} ORDER BY id`)
}

export interface IdentityHolder {
  userId: bigint
  linkId: bigint
  isActive: boolean
}

/** The verified person who holds the identity. */
export function holderOf(db: Queryable, module: string, identifier: string) {
  return db.maybeOne<IdentityHolder>(sql`
    SELECT user_id AS "userId", id AS "linkId", is_active AS "isActive" FROM identity.auth_providers
    WHERE module = ${module} AND identifier = ${identifier} AND is_verified AND identifier <> ''`)
}

/** Whether somebody registered with the identity and never verified his address. */
export async function hasUnverifiedHolder(db: Queryable, module: string, identifier: string): Promise<boolean> {
  const rows = await db.any(sql`
    SELECT id FROM identity.auth_providers
    WHERE module = ${module} AND identifier = ${identifier} AND identifier <> '' AND NOT is_verified LIMIT 1`)
  return rows.length > 0
}

/** Registrations with the identity that nobody verified give way. */
export function deleteUnverifiedHolders(tx: Tx, module: string, identifier: string, except: bigint) {
  return tx.run(sql`
    DELETE FROM identity.users u USING identity.auth_providers a
    WHERE a.user_id = u.id AND a.module = ${module} AND a.identifier = ${identifier} AND a.identifier <> ''
      AND NOT u.email_verified AND u.id <> ${except}`)
}

export function deleteAuthProvider(tx: Tx, id: bigint) {
  return tx.run(sql`DELETE FROM identity.auth_providers WHERE id = ${id}`)
}

/** Unlinks every way to sign in but these. */
export function deleteOtherAuthProviders(
  tx: Tx,
  userId: bigint,
  kept: readonly Pick<AuthProviderRow, 'module' | 'identifier'>[],
) {
  return tx.run(sql`
    DELETE FROM identity.auth_providers WHERE user_id = ${userId} AND (module, identifier) NOT IN (
      SELECT module, identifier FROM unnest(${kept.map(({ module }) => module)}::text[],
        ${kept.map(({ identifier }) => identifier)}::text[]) AS kept(module, identifier))`)
}

export function updateAuthProvider(tx: Tx, id: bigint, { affiliation, info }: LinkFacts) {
  return tx.run(sql`UPDATE identity.auth_providers SET affiliation = ${affiliation}, info = ${{ ...info }} WHERE id = ${id}`)
}

/** Calls the identity by another name, where nobody has that name yet. */
export function renameIdentity(tx: Tx, module: string, from: string, to: string) {
  return tx.run(sql`
    UPDATE identity.auth_providers SET identifier = ${to}
    WHERE module = ${module} AND identifier = ${from}
      AND NOT EXISTS (SELECT FROM identity.auth_providers WHERE module = ${module} AND identifier = ${to})`)
}

/** Notes a login on the link it came by; on all of the module's when no identifier tells them apart. */
export function noteLogin(tx: Tx, userId: bigint, module: string, identifier?: string) {
  return tx.run(sql`
    UPDATE identity.auth_providers SET last_login_at = now()
    WHERE user_id = ${userId} AND module = ${module} AND identifier = coalesce(${identifier ?? null}, identifier)`)
}

/** What is kept beside the password login. */
export function setLocalInfo(tx: Tx, userId: bigint, info: object) {
  return tx.run(sql`UPDATE identity.auth_providers SET info = ${info} WHERE user_id = ${userId} AND module = 'local'`)
}
