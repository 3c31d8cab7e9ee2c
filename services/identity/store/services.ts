import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface ComponentRow {
  id: bigint
  name: string
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

export function listComponents(db: Queryable, condition: Sql) {
  return db.any<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE ${condition} ORDER BY id`)
}

export function findComponent(db: Queryable, name: string) {
  return db.maybeOne<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE name = ${name}`)
}

export function findComponentByToken(db: Queryable, tokenHash: Buffer) {
  return db.maybeOne<ComponentRow>(sql`SELECT ${COMPONENT} FROM identity.components WHERE token_hash = ${tokenHash}`)
}

export interface NewComponent {
  name: string
  path: string
  tokenHash: Buffer
  tokenSealed: Buffer
}

/** Registers a component of this cloud; one that is known keeps its token. */
export function insertComponent(tx: Tx, { name, path, tokenHash, tokenSealed }: NewComponent) {
  return tx.one<{ id: bigint }>(sql`
    INSERT INTO identity.components (name, path, token_hash, token_sealed) VALUES (${name}, ${path}, ${tokenHash}, ${tokenSealed})
    ON CONFLICT (name) DO UPDATE SET path = excluded.path
    RETURNING id`)
}

/** Registers a service with one endpoint, in place of what was registered of it before. */
export async function replaceService(
  tx: Tx,
  service: { componentId: bigint; name: string; type: string; prefix: string; endpoint: Record<string, string> },
): Promise<void> {
  const { componentId, name, type, prefix, endpoint } = service
  const { id } = await tx.one<{ id: bigint }>(sql`
    INSERT INTO identity.services (component_id, name, type, prefix) VALUES (${componentId}, ${name}, ${type}, ${prefix})
    ON CONFLICT (name) DO UPDATE SET component_id = excluded.component_id, type = excluded.type, prefix = excluded.prefix
    RETURNING id`)
  await tx.run(sql`DELETE FROM identity.endpoints WHERE service_id = ${id}`)
  await tx.run(sql`INSERT INTO identity.endpoints (service_id, data) VALUES (${id}, ${endpoint})`)
}

export interface ServiceRow {
  id: bigint
  name: string
  type: string
  prefix: string
  component: string
  componentPath: string | null
  baseUrl: string | null
  uiUrl: string | null
  endpoints: Record<string, string>[]
}

/** `condition` is about `s`, the service, and `c`, its component. */
export function listServices(db: Queryable, condition: Sql = sql`true`) {
  return db.any<ServiceRow>(sql`
    SELECT s.id, s.name, s.type, s.prefix, c.name AS component, c.path AS "componentPath", c.base_url AS "baseUrl", c.ui_url AS "uiUrl",
           (SELECT coalesce(json_agg(e.data ORDER BY e.id), '[]') FROM identity.endpoints e WHERE e.service_id = s.id) AS endpoints
    FROM identity.services s JOIN identity.components c ON c.id = s.component_id
    WHERE ${condition}
    ORDER BY s.id`)
}
