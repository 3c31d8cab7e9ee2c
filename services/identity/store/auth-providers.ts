import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface AuthProviderRow {
  id: bigint
  module: string
  identifier: string
  isActive: boolean
  lastLoginAt: Date | null
}

/** Links a way to sign in to the person; linking again makes it active again. */
export function linkAuthProvider(tx: Tx, userId: bigint, module: string, identifier = '') {
  return tx.run(sql`
    INSERT INTO identity.auth_providers (user_id, module, identifier) VALUES (${userId}, ${module}, ${identifier})
    ON CONFLICT (user_id, module, identifier) DO UPDATE SET is_active = true`)
}

export function authProvidersOf(db: Queryable, userId: bigint) {
  return db.any<AuthProviderRow>(sql`
    SELECT id, module, identifier, is_active AS "isActive", last_login_at AS "lastLoginAt"
    FROM identity.auth_providers WHERE user_id = ${userId} ORDER BY id`)
}

/** Notes a login on the link it came by; on all of the module's when no identifier tells them apart. */
export function noteLogin(tx: Tx, userId: bigint, module: string, identifier?: string) {
  return tx.run(sql`
    UPDATE identity.auth_providers SET last_login_at = now()
    WHERE user_id = ${userId} AND module = ${module} AND identifier = coalesce(${identifier ?? null}, identifier)`)
}
