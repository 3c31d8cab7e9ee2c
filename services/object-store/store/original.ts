// What the original keeps in its tables. Columns that its releases added over the years are asked for where they are.
import { findTables } from '@synnefo/lib/foreign-database'
import { join, raw, type Sql, sql } from '@synnefo/lib/sql'
import type { Original } from '../import/original.ts'

/** What tables of the original there must be, with columns that all its releases have. */
const TABLES = {
  nodes: ['node', 'parent', 'path'],
  versions: ['serial', 'node', 'hash', 'size', 'type', 'mtime', 'muser', 'uuid', 'checksum', 'cluster'],
  attributes: ['serial', 'domain', 'key', 'value'],
  policy: ['node', 'key', 'value'],
  xfeatures: ['feature_id', 'path'],
  xfeaturevals: ['feature_id', 'key', 'value'],
  groups: ['owner', 'name', 'member'],
  public: ['public_id', 'path', 'active'],
}

/** Which of the columns that came later there are. */
export interface OriginalShape {
  mapfile: boolean
  available: boolean
  isSnapshot: boolean
  publicUrl: boolean
}

/** Answers what is missing for a database of the original, in words, or its shape. */
export async function shapeOf(original: Original): Promise<OriginalShape | string> {
  const found = await findTables(original, TABLES)
  if (typeof found === 'string') return found
  const versions = found.versions
  return {
    mapfile: versions.has('mapfile'),
    available: versions.has('available'),
    isSnapshot: versions.has('is_snapshot'),
    publicUrl: found.public.has('url'),
  }
}

export interface Node {
  node: bigint
  path: string
}

export interface OriginalVersion {
  serial: bigint
  node: bigint
  /** Hex, the name of a map for snapshots, or nothing. */
  hash: string | null
  size: bigint
  type: string | null
  /** Decimal seconds since 1970. */
  mtime: string
  muser: string | null
  uuid: string | null
  checksum: string | null
  /** 0 normal, 1 history, 2 deleted */
  cluster: number
  available: number
  mapfile: string | null
  isSnapshot: boolean
}

export interface OriginalAttribute {
  serial: bigint
  domain: string
  key: string
  value: string
}

const listOf = (values: readonly (string | bigint)[]): Sql => join(values as (string | bigint)[])

/** Nodes below another one, in order of their numbers. */
export async function nodesBelow(original: Original, parent: bigint, after: bigint, atMost: number): Promise<Node[]> {
  const rows = await original.any<{ node: bigint | number; path: string }>(sql`
    SELECT node, path FROM nodes WHERE parent = ${parent} AND node > ${after} AND node <> ${parent} ORDER BY node LIMIT ${atMost}`)
  return rows.map(({ node, path }) => ({ node: BigInt(node), path }))
}

export async function nodeOf(original: Original, path: string): Promise<Node | undefined> {
  const rows = await original.any<{ node: bigint | number }>(sql`SELECT node FROM nodes WHERE path = ${path}`)
  return rows[0] && { node: BigInt(rows[0].node), path }
}

/** As many as a statement takes. */
const PATHS_AT_ONCE = 1000

/** Of these paths, those that there are. */
export async function existingPaths(original: Original, paths: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (let at = 0; at < paths.length; at += PATHS_AT_ONCE) {
    const some = paths.slice(at, at + PATHS_AT_ONCE)
    const rows = await original.any<{ path: string }>(sql`SELECT path FROM nodes WHERE path IN (${listOf(some)})`)
    for (const { path } of rows) found.add(path)
  }
  return found
}

async function versionsWhere(original: Original, shape: OriginalShape, where: Sql): Promise<OriginalVersion[]> {
  const column = (there: boolean, name: string, otherwise: string) => raw(there ? name : otherwise)
  const rows = await original.any<Record<keyof OriginalVersion, unknown>>(sql`
    SELECT serial, node, hash, size, type, ${original.seconds(sql`mtime`)} AS mtime, muser, uuid, checksum, cluster,
      ${column(shape.available, 'available', '1')} AS available, ${column(shape.mapfile, 'mapfile', 'hash')} AS mapfile,
      ${column(shape.isSnapshot, 'is_snapshot', '0')} AS "isSnapshot"
    FROM versions ${where}`)
  return rows.map((row) => ({
    ...(row as unknown as OriginalVersion),
    serial: BigInt(row.serial as number),
    node: BigInt(row.node as number),
    size: BigInt((row.size as number | null) ?? 0),
    cluster: Number(row.cluster),
    available: availabilityOf(row.available),
    isSnapshot: isTrue(row.isSnapshot),
  }))
}

export async function versionsOf(original: Original, shape: OriginalShape, nodes: readonly bigint[]): Promise<OriginalVersion[]> {
  return nodes.length === 0 ? [] : versionsWhere(original, shape, sql`WHERE node IN (${listOf(nodes)}) ORDER BY serial`)
}

/** Some versions that have content, the newest, for finding out whether everything fits together. */
export async function sampleVersions(original: Original, shape: OriginalShape, atMost: number): Promise<OriginalVersion[]> {
  const found = await versionsWhere(original, shape, sql`WHERE size > 0 AND cluster < 2 ORDER BY serial DESC LIMIT ${atMost}`)
  return found.filter(({ available, isSnapshot, mapfile }) => available === 1 && !isSnapshot && mapfile)
}

/** In older schemas it is a boolean. */
function availabilityOf(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value === null ? 1 : Number(value)
}

const isTrue = (value: unknown) => value === true || value === 1 || value === 1n

export async function attributesOf(original: Original, nodes: readonly bigint[]): Promise<OriginalAttribute[]> {
  if (nodes.length === 0) return []
  const rows = await original.any<OriginalAttribute>(sql`
    SELECT attributes.serial, domain, attributes.key, attributes.value FROM attributes JOIN versions ON versions.serial = attributes.serial
    WHERE versions.node IN (${listOf(nodes)}) ORDER BY attributes.serial, domain, attributes.key`)
  return rows.map((row) => ({ ...row, serial: BigInt(row.serial) }))
}

export async function policiesOf(original: Original, node: bigint): Promise<Map<string, string>> {
  const rows = await original.any<{ key: string; value: string }>(sql`SELECT key, value FROM policy WHERE node = ${node}`)
  return new Map(rows.map(({ key, value }) => [key, String(value)]))
}

export interface OriginalGrant {
  path: string
  access: 'read' | 'write'
  subject: string
}

export async function grantsOf(original: Original, paths: readonly string[]): Promise<OriginalGrant[]> {
  if (paths.length === 0) return []
  const rows = await original.any<{ path: string; key: unknown; subject: string }>(sql`
    SELECT f.path, v.key, v.value AS subject FROM xfeatures f JOIN xfeaturevals v ON v.feature_id = f.feature_id
    WHERE f.path IN (${listOf(paths)}) ORDER BY f.path, v.key, v.value`)
  return rows.map(({ path, key, subject }) => ({ path, access: Number(key) === 1 ? 'write' : 'read', subject }))
}

/** Ids of public links. */
export async function linksOf(
  original: Original,
  { publicUrl }: OriginalShape,
  paths: readonly string[],
): Promise<{ path: string; id: string }[]> {
  if (paths.length === 0) return []
  const rows = await original.any<{ path: string; number: bigint | number; url: string | null; active: unknown }>(sql`
    SELECT path, public_id AS number, ${publicUrl ? sql`url` : sql`NULL`} AS url, active FROM public WHERE path IN (${listOf(paths)})`)
  return rows
    .filter(({ active }) => isTrue(active))
    .map(({ path, number, url }) => ({ path, id: url ?? linkIdOfRow(BigInt(number)) }))
}

const OLD_ALPHABET = 'mn6j2c4rv8bpygw95z7hsdaetxuk3fq'
const OLD_BITS = 24n

/** The id of a link that has none on record: the oldest releases derived it from the number of its row. */
export function linkIdOfRow(row: bigint): string {
  const number = row + 42n
  let low = 0n
  for (let bit = 0n; bit < OLD_BITS; bit += 1n) low |= ((number >> bit) & 1n) << (OLD_BITS - 1n - bit)
  let rest = ((number >> OLD_BITS) << OLD_BITS) | low
  let id = ''
  for (const base = BigInt(OLD_ALPHABET.length); rest > 0n; rest /= base) id = OLD_ALPHABET[Number(rest % base)] + id
  return id.padStart(5, OLD_ALPHABET[0])
}

export function groupsOf(original: Original, owner: string) {
  return original.any<{ name: string; member: string }>(sql`
    SELECT name, member FROM groups WHERE owner = ${owner} ORDER BY name, member`)
}

/** What the original had on record about itself, and commissions that it had not resolved; empty where it kept no such table. */
export async function notesOf(original: Original): Promise<{ config: Map<string, string>; unresolved: number }> {
  const config = (await original.columns('config')).has('value')
    ? await original.any<{ key: string; value: string }>(sql`SELECT key, value FROM config`)
    : []
  const [serials] = (await original.columns('qh_serials')).has('serial')
    ? await original.any<{ count: bigint | number }>(sql`SELECT count(*) AS count FROM qh_serials`)
    : []
  return { config: new Map(config.map(({ key, value }) => [key, String(value)])), unresolved: Number(serials?.count ?? 0) }
}

/** The largest number of a version. */
export async function lastSerial(original: Original): Promise<bigint> {
  const [row] = await original.any<{ last: bigint | number | null }>(sql`SELECT max(serial) AS last FROM versions`)
  return BigInt(row?.last ?? 0)
}
