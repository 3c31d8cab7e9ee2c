// What hangs on a server: metadata, diagnostics and its secrets.
import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface MetadataRow {
  serverId: bigint
  key: string
  value: string
}

export function metadataOfServers(db: Queryable, ids: readonly bigint[]): Promise<MetadataRow[]> {
  return db.any<MetadataRow>(sql`
    SELECT server_id AS "serverId", key, value FROM compute.server_metadata WHERE server_id = ANY(${ids}::int8[]) ORDER BY server_id, key`)
}

export async function upsertMetadata(tx: Tx, serverId: bigint, items: Readonly<Record<string, string>>): Promise<void> {
  await tx.run(sql`
    INSERT INTO compute.server_metadata (server_id, key, value)
    SELECT ${serverId}, key, value FROM unnest(${Object.keys(items)}::text[], ${Object.values(items)}::text[]) AS item(key, value)
    ON CONFLICT (server_id, key) DO UPDATE SET value = excluded.value`)
}

export async function deleteMetadata(tx: Tx, serverId: bigint, key: string): Promise<boolean> {
  return (await tx.run(sql`DELETE FROM compute.server_metadata WHERE server_id = ${serverId} AND key = ${key}`)) > 0
}

export interface DiagnosticRow {
  serverId: bigint
  level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR'
  source: string
  message: string
  details: string | null
  createdAt: Date
}

const DIAGNOSTIC = sql`server_id AS "serverId", level, source, message, details, created_at AS "createdAt"`

/** The newest one of each server. */
export function latestDiagnostics(db: Queryable, ids: readonly bigint[]): Promise<DiagnosticRow[]> {
  return db.any<DiagnosticRow>(sql`
    SELECT DISTINCT ON (server_id) ${DIAGNOSTIC} FROM compute.diagnostics WHERE server_id = ANY(${ids}::int8[]) ORDER BY server_id, id DESC`)
}

/** Newest first. */
export function diagnosticsOfServer(db: Queryable, id: bigint, limit = 200): Promise<DiagnosticRow[]> {
  return db.any<DiagnosticRow>(
    sql`SELECT ${DIAGNOSTIC} FROM compute.diagnostics WHERE server_id = ${id} ORDER BY id DESC LIMIT ${limit}`,
  )
}

export async function insertDiagnostic(
  tx: Tx,
  diagnostic: Omit<DiagnosticRow, 'createdAt' | 'details'> & { details?: string },
): Promise<void> {
  const { serverId, level, source, message, details = null } = diagnostic
  await tx.run(sql`
    INSERT INTO compute.diagnostics (server_id, level, source, message, details)
    VALUES (${serverId}, ${level}, ${source}, ${message.slice(0, 255)}, ${details})`)
}

export async function keepBuild(tx: Tx, serverId: bigint, sealed: Buffer): Promise<void> {
  await tx.run(sql`INSERT INTO compute.builds (server_id, sealed) VALUES (${serverId}, ${sealed})`)
}

export async function sealedBuild(db: Queryable, serverId: bigint): Promise<Buffer | undefined> {
  return (await db.maybeOne<{ sealed: Buffer }>(sql`SELECT sealed FROM compute.builds WHERE server_id = ${serverId}`))?.sealed
}

export async function forgetBuild(tx: Tx, serverId: bigint): Promise<void> {
  await tx.run(sql`DELETE FROM compute.builds WHERE server_id = ${serverId}`)
}

export async function keepPassword(tx: Tx, serverId: bigint, sealed: Buffer): Promise<void> {
  await tx.run(sql`INSERT INTO compute.passwords (server_id, sealed) VALUES (${serverId}, ${sealed})`)
}

export async function sealedPassword(db: Queryable, serverId: bigint): Promise<Buffer | undefined> {
  return (await db.maybeOne<{ sealed: Buffer }>(sql`SELECT sealed FROM compute.passwords WHERE server_id = ${serverId}`))?.sealed
}

export async function forgetPassword(tx: Queryable, serverId: bigint): Promise<void> {
  await tx.run(sql`DELETE FROM compute.passwords WHERE server_id = ${serverId}`)
}
