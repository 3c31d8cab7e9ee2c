import { type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import { afterPrefix } from '../names.ts'
import { subjectsOf } from './subjects.ts'
import { VERSION_COLUMNS, type VersionRow } from './versions.ts'

export interface ListedObject extends VersionRow {
  /** Entries of its own, or null. */
  read: string[] | null
  write: string[] | null
}

export interface NameRange {
  containerId: bigint
  /** Whether anything in the container is shared. */
  shares: boolean
  prefix: string
  /** Only entries after this. */
  marker: string
  limit: number
  /** Only objects that carry an entry for this person; undefined: all. */
  readableBy: string | undefined
  /** Only names that begin with one of these; undefined: all. */
  beginnings?: readonly string[]
}

function withPermissions({ shares }: NameRange): Sql {
  if (!shares) return sql`${VERSION_COLUMNS}, NULL::text[] AS read, NULL::text[] AS write`
  const subjects = (access: string) => sql`
    (SELECT array_agg(subject ORDER BY subject) FROM object_store.permissions p
      WHERE p.container_id = versions.container_id AND p.name = versions.name AND p.access = ${access})`
  return sql`${VERSION_COLUMNS}, ${subjects('read')} AS read, ${subjects('write')} AS write`
}

function listed({ containerId, prefix, readableBy, beginnings }: NameRange): Sql {
  const after = afterPrefix(prefix)
  const within =
    after === undefined ? sql`versions.name >= ${prefix}` : sql`versions.name >= ${prefix} AND versions.name < ${after}`
  const readable =
    readableBy === undefined
      ? sql``
      : sql`
    AND EXISTS (SELECT FROM object_store.permissions p
      WHERE p.container_id = versions.container_id AND p.name = versions.name AND p.subject = ANY(${subjectsOf(readableBy)}))`
  return sql`versions.container_id = ${containerId} AND versions.state = 'current' AND ${within} ${readable} ${beginning(beginnings)}`
}

/** Bounds as well as the condition itself, so that what lies outside is not read. */
function beginning(beginnings: readonly string[] | undefined): Sql {
  const [first, ...rest] = beginnings ?? []
  if (first === undefined) return beginnings === undefined ? sql`` : sql`AND false`
  const inOrder = [first, ...rest].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const after = afterPrefix(inOrder.at(-1)!)
  return sql`
    AND versions.name >= ${inOrder[0]!} ${after === undefined ? sql`` : sql`AND versions.name < ${after}`}
    AND EXISTS (SELECT FROM unnest(${inOrder}::text[]) AS beginning WHERE starts_with(versions.name, beginning))`
}

/** Current objects in order of name. */
export function listNames(q: Queryable, range: NameRange) {
  return q.any<ListedObject>(sql`
    SELECT ${withPermissions(range)} FROM object_store.versions
    WHERE ${listed(range)} AND versions.name > ${range.marker} ORDER BY versions.name LIMIT ${range.limit}`)
}

/**
 * Current objects and folders in order of name, where a folder stands for all names that go on after it. Steps from
 * entry to entry with one look into the index each, however much a folder holds.
 */
export async function listFolder(q: Queryable, range: NameRange & { delimiter: string; folders: boolean }) {
  const { prefix, delimiter, marker, limit, folders } = range
  const length = [...prefix].length
  // Up to the first delimiter after the prefix; null for a name that has none.
  const folder = sql`
    CASE WHEN strpos(substr(versions.name, ${length + 1}::int), ${delimiter}) > 0
      THEN left(versions.name, ${length}::int + strpos(substr(versions.name, ${length + 1}::int), ${delimiter}) + ${[...delimiter].length - 1}::int) END`
  const next = (after: Sql, beside: Sql) => sql`
    SELECT versions.id, versions.name, ${folder} AS folder FROM object_store.versions
    WHERE ${listed(range)} AND versions.name > ${after} AND ${beside} ORDER BY versions.name LIMIT 1`
  const passed = folderOf(marker, prefix, delimiter)
  const first =
    passed === undefined
      ? next(sql`${marker}`, sql`true`)
      : next(sql`${passed + LAST}`, sql`NOT starts_with(versions.name, ${passed})`)
  const following = next(
    sql`(coalesce(entry.folder || ${LAST}, entry.name) COLLATE "C")`,
    sql`(entry.folder IS NULL OR NOT starts_with(versions.name, entry.folder))`,
  )
  // A name that ends with its first delimiter is the folder's own object and stands for the folder.
  const shown = sql`(${folders}::boolean OR entry.folder IS NULL OR entry.folder = entry.name)`
  const entries = await q.any<ListedObject & { subdir: string | null }>(sql`
    WITH RECURSIVE entry AS (
      SELECT first.*, 0 AS before FROM (${first}) first
      UNION ALL
      SELECT following.*, before + ${shown}::int FROM entry CROSS JOIN LATERAL (${following}) following
      WHERE before + ${shown}::int < ${limit}::int
    )
    SELECT CASE WHEN entry.folder <> entry.name THEN entry.folder END AS subdir, ${withPermissions(range)}
    FROM entry JOIN object_store.versions ON versions.id = entry.id
    WHERE ${shown}
    ORDER BY versions.name LIMIT ${limit}`)
  return entries.map(({ subdir, ...object }) => (subdir === null ? object : { subdir }))
}

/** Comes after every character of a name, so that a folder with it behind comes after the folder's content. */
const LAST = String.fromCodePoint(0x10ffff)

/** The folder a marker lies in or is: all of it was listed before. */
function folderOf(marker: string, prefix: string, delimiter: string): string | undefined {
  if (!marker.startsWith(prefix)) return undefined
  const at = marker.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : marker.slice(0, at + delimiter.length)
}
