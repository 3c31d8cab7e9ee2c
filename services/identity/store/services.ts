import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface ServiceRow {
  id: bigint
  name: string
  type: string
  /** Below the component. */
  prefix: string
  /** An operator registered it: a start leaves it as it is. */
  isImported: boolean
  componentId: bigint
  component: string
  componentPath: string | null
  baseUrl: string | null
  uiUrl: string | null
  endpoints: Record<string, string>[]
}

/** `condition` is about `s`, the service, and `c`, its component. */
export function listServices(db: Queryable, condition: Sql = sql`true`) {
  return db.any<ServiceRow>(sql`
    SELECT s.id, s.name, s.type, s.prefix, s.imported_at IS NOT NULL AS "isImported",
           c.id AS "componentId", c.name AS component, c.path AS "componentPath", c.base_url AS "baseUrl", c.ui_url AS "uiUrl",
           (SELECT coalesce(json_agg(e.data ORDER BY e.id), '[]') FROM identity.endpoints e WHERE e.service_id = s.id) AS endpoints
    FROM identity.services s JOIN identity.components c ON c.id = s.component_id
    WHERE ${condition}
    ORDER BY s.id`)
}

export interface NewService {
  componentId: bigint
  name: string
  type: string
  prefix: string
  isImported: boolean
  endpoints: readonly Record<string, string>[]
}

/** Registers a service with its endpoints, in place of what was registered of it before. Answers whether it is new. */
export async function replaceService(tx: Tx, service: NewService): Promise<boolean> {
  const { componentId, name, type, prefix, isImported, endpoints } = service
  const { id, fresh } = await tx.one<{ id: bigint; fresh: boolean }>(sql`
    INSERT INTO identity.services (component_id, name, type, prefix, imported_at)
    VALUES (${componentId}, ${name}, ${type}, ${prefix}, CASE WHEN ${isImported} THEN now() END)
    ON CONFLICT (name) DO UPDATE
      SET component_id = excluded.component_id, type = excluded.type, prefix = excluded.prefix, imported_at = excluded.imported_at
    RETURNING id, xmax = 0 AS fresh`)
  await tx.run(sql`DELETE FROM identity.endpoints WHERE service_id = ${id}`)
  for (const data of endpoints) await tx.run(sql`INSERT INTO identity.endpoints (service_id, data) VALUES (${id}, ${data})`)
  return fresh
}

/** Answers the names of those that went. */
export async function deleteServicesOf(tx: Tx, componentId: bigint): Promise<string[]> {
  const rows = await tx.any<{ name: string }>(
    sql`DELETE FROM identity.services WHERE component_id = ${componentId} RETURNING name`,
  )
  return rows.map(({ name }) => name)
}

export interface Withdrawn {
  kind: 'component' | 'service'
  name: string
}

/** What a start does not bring back. */
export function listWithdrawn(db: Queryable) {
  return db.any<Withdrawn>(sql`SELECT kind, name FROM identity.withdrawn`)
}

export function withdraw(tx: Tx, kind: Withdrawn['kind'], names: readonly string[]) {
  return tx.run(sql`
    INSERT INTO identity.withdrawn (kind, name) SELECT ${kind}, unnest(${names}::text[]) ON CONFLICT DO NOTHING`)
}

export function forgetWithdrawn(tx: Tx, kind: Withdrawn['kind'], name: string) {
  return tx.run(sql`DELETE FROM identity.withdrawn WHERE kind = ${kind} AND name = ${name}`)
}
