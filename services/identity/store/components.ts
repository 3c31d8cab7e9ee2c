import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface ComponentRow {
  id: bigint
  name: string
  /** Below the base URL of the cloud; null when the component runs elsewhere. */
  path: string | null
  baseUrl: string | null
  uiUrl: string | null
  tokenSealed: Buffer
  tokenCreatedAt: Date
  tokenExpiresAt: Date | null
}

const COMPONENT = sql`
  id, name, path, base_url AS "baseUrl", ui_url AS "uiUrl", token_sealed AS "tokenSealed",
  token_created_at AS "tokenCreatedAt", token_expires_at AS "tokenExpiresAt"`

export function listComponents(db: Queryable, condition: Sql = sql`true`) {
  return db.any<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE ${condition} ORDER BY id`)
}

export function findComponent(db: Queryable, name: string) {
  return db.maybeOne<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE name = ${name}`)
}

export function findComponentById(db: Queryable, id: bigint) {
  return db.maybeOne<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE id = ${id}`)
}

/** Locks the component until commit, so that its services and tokens are changed one after the other. */
export function lockComponent(tx: Tx, id: bigint) {
  return tx.maybeOne<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE id = ${id} FOR UPDATE`)
}

export function findComponentByToken(db: Queryable, tokenHash: Buffer) {
  return db.maybeOne<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE token_hash = ${tokenHash}`)
}

export interface NewComponent {
  name: string
  path: string | null
  baseUrl: string | null
  uiUrl: string | null
  tokenHash: Buffer
  tokenSealed: Buffer
}

/** Undefined when there is one of this name. */
export function insertComponent(tx: Tx, { name, path, baseUrl, uiUrl, tokenHash, tokenSealed }: NewComponent) {
  return tx.maybeOne<ComponentRow>(sql`
    INSERT INTO identity.components (name, path, base_url, ui_url, token_hash, token_sealed)
    VALUES (${name}, ${path}, ${baseUrl}, ${uiUrl}, ${tokenHash}, ${tokenSealed})
    ON CONFLICT (name) DO NOTHING
    RETURNING ${COMPONENT}`)
}

export function updateComponentUrls(tx: Tx, id: bigint, urls: Pick<ComponentRow, 'path' | 'baseUrl' | 'uiUrl'>) {
  return tx.run(sql`
    UPDATE identity.components SET path = ${urls.path}, base_url = ${urls.baseUrl}, ui_url = ${urls.uiUrl} WHERE id = ${id}`)
}

/** The old token ends. */
export function updateComponentToken(tx: Tx, id: bigint, token: Pick<NewComponent, 'tokenHash' | 'tokenSealed'>) {
  return tx.run(sql`
    UPDATE identity.components
    SET token_hash = ${token.tokenHash}, token_sealed = ${token.tokenSealed}, token_created_at = now(), token_expires_at = NULL
    WHERE id = ${id}`)
}

/** With its services. */
export function deleteComponent(tx: Tx, id: bigint) {
  return tx.run(sql`DELETE FROM identity.components WHERE id = ${id}`)
}
