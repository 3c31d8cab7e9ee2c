import { join, type Queryable, type Sql, sql } from '@synnefo/lib/sql'

export interface FlavorRow {
  id: bigint
  cpu: number
  ramMib: number
  diskGib: number
  volumeTypeId: bigint
  diskTemplate: string
  allowCreate: boolean
  public: boolean
  deleted: boolean
}

const FLAVOR = sql`f.id, f.cpu, f.ram_mib AS "ramMib", f.disk_gib AS "diskGib", f.volume_type_id AS "volumeTypeId",
  f.disk_template AS "diskTemplate", f.allow_create AS "allowCreate", f.public, f.deleted`

/** Public ones, and those that one of these projects has access to. */
const OPEN_TO = (projects: readonly string[]) => sql`
  (f.public OR EXISTS (SELECT FROM compute.flavor_access a WHERE a.flavor_id = f.id AND a.project = ANY(${projects}::uuid[])))`

export interface FlavorFilter {
  public?: boolean
  /** Only those that this project has access to. */
  access?: string
}

export function flavorsOpenTo(db: Queryable, projects: readonly string[], filter: FlavorFilter = {}): Promise<FlavorRow[]> {
  return db.any<FlavorRow>(sql`
    SELECT ${FLAVOR} FROM compute.flavors f
    WHERE NOT f.deleted AND ${OPEN_TO(projects)}
      AND (${filter.public ?? null}::boolean IS NULL OR f.public = ${filter.public ?? null})
      AND (${filter.access ?? null}::uuid IS NULL
        OR EXISTS (SELECT FROM compute.flavor_access a WHERE a.flavor_id = f.id AND a.project = ${filter.access ?? null}::uuid))
    ORDER BY f.id`)
}

/** Also deleted ones, and any that one of the user's servers has. */
export function flavorVisibleTo(
  db: Queryable,
  id: bigint,
  userId: string,
  projects: readonly string[],
): Promise<FlavorRow | undefined> {
  return db.maybeOne<FlavorRow>(sql`
    SELECT ${FLAVOR} FROM compute.flavors f
    WHERE f.id = ${id} AND (${OPEN_TO(projects)}
      OR EXISTS (SELECT FROM compute.servers s WHERE s.user_id = ${userId} AND s.flavor_id = f.id AND NOT s.deleted))`)
}

/** Which of these projects have access to which of these flavors. */
export function accessOfFlavors(
  db: Queryable,
  ids: readonly bigint[],
  projects: readonly string[],
): Promise<{ flavorId: bigint; project: string }[]> {
  return db.any(sql`
    SELECT flavor_id AS "flavorId", project FROM compute.flavor_access
    WHERE flavor_id = ANY(${ids}::int8[]) AND project = ANY(${projects}::uuid[]) ORDER BY project`)
}

/** With the number of live servers that have it. */
export interface CountedFlavorRow extends FlavorRow {
  servers: bigint
}

/** For administrators: those that meet all conditions on `f`. */
export function allFlavors(db: Queryable, conditions: readonly Sql[] = []): Promise<CountedFlavorRow[]> {
  return db.any<CountedFlavorRow>(sql`
    SELECT ${FLAVOR}, (SELECT count(*) FROM compute.servers s WHERE s.flavor_id = f.id AND NOT s.deleted) AS servers
    FROM compute.flavors f WHERE ${join([sql`true`, ...conditions], ' AND ')} ORDER BY f.id`)
}

/** Answers undefined when there is one of these sizes already. */
export async function insertFlavor(tx: Queryable, flavor: Omit<FlavorRow, 'id' | 'deleted'>): Promise<bigint | undefined> {
  const row = await tx.maybeOne<{ id: bigint }>(sql`
    INSERT INTO compute.flavors (cpu, ram_mib, disk_gib, volume_type_id, disk_template, allow_create, public)
    VALUES (${flavor.cpu}, ${flavor.ramMib}, ${flavor.diskGib}, ${flavor.volumeTypeId}, ${flavor.diskTemplate}, ${flavor.allowCreate}, ${flavor.public})
    ON CONFLICT (cpu, ram_mib, disk_gib, volume_type_id) DO UPDATE SET deleted = false WHERE flavors.deleted
    RETURNING id`)
  return row?.id
}

export function flavorById(db: Queryable, id: bigint): Promise<FlavorRow | undefined> {
  return db.maybeOne<FlavorRow>(sql`SELECT ${FLAVOR} FROM compute.flavors f WHERE f.id = ${id}`)
}

export function flavorsById(db: Queryable, ids: readonly bigint[]): Promise<FlavorRow[]> {
  return db.any<FlavorRow>(sql`SELECT ${FLAVOR} FROM compute.flavors f WHERE f.id = ANY(${ids}::int8[])`)
}
