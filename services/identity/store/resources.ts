import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface ResourceRow {
  id: bigint
  name: string
  description: string
  unit: 'bytes' | null
  serviceType: string
  serviceOrigin: string
  systemDefault: bigint
  projectDefault: bigint
  uiVisible: boolean
  apiVisible: boolean
}

const COLUMNS = sql`
  id, name, description, unit, service_type AS "serviceType", service_origin AS "serviceOrigin",
  system_default AS "systemDefault", project_default AS "projectDefault", ui_visible AS "uiVisible", api_visible AS "apiVisible"`

export function listResources(db: Queryable, condition: Sql = sql`true`) {
  return db.any<ResourceRow>(sql`SELECT ${COLUMNS} FROM identity.resources WHERE ${condition} ORDER BY id`)
}

export function lockResource(tx: Tx, name: string) {
  return tx.maybeOne<ResourceRow>(sql`SELECT ${COLUMNS} FROM identity.resources WHERE name = ${name} FOR NO KEY UPDATE`)
}

/** Registers a resource, or brings its description up to date: never its limits or flags. Answers whether it is new. */
export async function upsertResource(tx: Tx, resource: Omit<ResourceRow, 'id'>): Promise<boolean> {
  const { fresh } = await tx.one<{ fresh: boolean }>(sql`
    INSERT INTO identity.resources
      (name, description, unit, service_type, service_origin, system_default, project_default, ui_visible, api_visible)
    VALUES (${resource.name}, ${resource.description}, ${resource.unit}, ${resource.serviceType}, ${resource.serviceOrigin},
            ${resource.systemDefault}, ${resource.projectDefault}, ${resource.uiVisible}, ${resource.apiVisible})
    ON CONFLICT (name) DO UPDATE SET description = excluded.description, unit = excluded.unit,
      service_type = excluded.service_type, service_origin = excluded.service_origin
    RETURNING xmax = 0 AS fresh`)
  return fresh
}

export type ResourceChange = Partial<Pick<ResourceRow, 'systemDefault' | 'projectDefault' | 'uiVisible' | 'apiVisible'>>

export function updateResource(tx: Tx, name: string, change: ResourceChange) {
  const { systemDefault = null, projectDefault = null, uiVisible = null, apiVisible = null } = change
  return tx.run(sql`
    UPDATE identity.resources
    SET system_default = coalesce(${systemDefault}, system_default), project_default = coalesce(${projectDefault}, project_default),
        ui_visible = coalesce(${uiVisible}, ui_visible), api_visible = coalesce(${apiVisible}, api_visible)
    WHERE name = ${name}`)
}

/** Gives every project that was there before the resource its default limits of it. Answers the projects. */
export async function limitEveryProject(tx: Tx, resource: string): Promise<bigint[]> {
  const rows = await tx.any<{ id: bigint }>(sql`
    INSERT INTO identity.project_limits (project_id, resource, project_capacity, member_capacity)
    SELECT p.id, r.name, CASE WHEN p.is_base THEN r.system_default ELSE r.project_default END,
           CASE WHEN p.is_base THEN r.system_default ELSE r.project_default END
    FROM identity.projects p CROSS JOIN identity.resources r
    WHERE r.name = ${resource} AND p.state IN ('active', 'suspended', 'terminated')
    ON CONFLICT DO NOTHING
    RETURNING project_id AS id`)
  return rows.map(({ id }) => id)
}
