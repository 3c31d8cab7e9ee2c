// Pages of listings. PostgreSQL sends a page as one row with a list for each column: a row for each object costs several
// times as much on both sides. Folders are found by steps from one to the next in the index, however much they hold.
import { join, type Queryable, raw, type Sql, sql } from '@synnefo/lib/sql'
import type { Span } from '../objects/spans.ts'
import { linkIdOf } from './links.ts'
import { lastBefore } from './past.ts'
import { subjectsOf } from './subjects.ts'

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** What the metadata of an object must be like: each of the three groups holds. */
export interface MetadataFilter {
  /** Carries one of these keys; empty: whatever it carries. */
  some: readonly string[]
  /** Carries none of these keys. */
  none: readonly string[]
  /** Carries the key, and its text compares so, in the order of bytes. */
  all: readonly { key: string; operator: Operator; value: string }[]
}

export interface ListingPage {
  containerId: bigint
  /** In order and free of overlaps. */
  spans: readonly Span[]
  limit: number
  /** How names fold into folders; undefined: every name is its own entry. */
  fold: { prefix: string; delimiter: string; folders: boolean } | undefined
  metadata: MetadataFilter | undefined
  /** As it was at this moment (seconds since 1970); undefined: as it is. */
  until: number | undefined
  /** What entries tell beside their names. */
  details: Details | undefined
}

export interface Details {
  checksums: boolean
  /** Entries that objects carry themselves, and what they allow this person. */
  sharing: { userId: string } | undefined
  links: boolean
}

/** A list for each column, in order of the entries. */
export interface EntryPage {
  names: string[]
  /** Folders, null for objects; undefined when there cannot be any. */
  folders: (string | null)[] | undefined
  /** Undefined when only names were asked for. */
  objects: ObjectColumns | undefined
}

export interface ObjectColumns {
  sizes: string[]
  /** Hex, or empty */
  hashes: string[]
  /** MD5 in hex, or empty; undefined when not asked for */
  checksums: string[] | undefined
  contentTypes: string[]
  /** Microseconds since 1970; exact until the year 2255 */
  times: number[]
  uuids: string[]
  ids: string[]
  modifiers: string[]
  availability: string[]
  sharing: (OwnSharing | null)[] | undefined
  /** Ids of public links. */
  links: (string | null)[] | undefined
}

/** Entries that an object carries itself. */
export interface OwnSharing {
  read: string[]
  write: string[]
  /** The person asked about may write. */
  writes: boolean
}

/** Comes after every character of a name, so that a folder with it behind comes after almost all of its content. */
const LAST = String.fromCodePoint(0x10ffff)

/** How many names are looked at together: few at first, more while they are no folders. */
const AHEAD = { first: 2, more: 4, most: 128 }

/** Objects that lie within these bounds and are what is asked for; bounds are conditions on `v.name`. */
function objectsWithin({ containerId, metadata, until }: ListingPage, bounds: Sql): Sql {
  // Asked of each version, not joined: a page must not begin with a look at all of them.
  const state =
    until === undefined
      ? sql`v.state = 'current'`
      : sql`v.state <> 'deleted' AND v.id = (${lastBefore(sql`v.container_id`, sql`v.name`, until, sql`versions.id`)})`
  const fits = metadata === undefined ? sql`` : sql`AND ${fitting(metadata)}`
  return sql`object_store.versions v WHERE v.container_id = (SELECT ${containerId}::bigint) AND ${bounds} AND ${state} ${fits}`
}

function fitting({ some, none, all }: MetadataFilter): Sql {
  const conditions = all.map(
    ({ key, operator, value }) => sql`((v.metadata ->> ${key}) COLLATE "C") ${raw(SQL_OPERATORS[operator])} ${value}`,
  )
  if (some.length > 0) conditions.push(sql`v.metadata ?| ${some as string[]}::text[]`)
  if (none.length > 0) conditions.push(sql`NOT v.metadata ?| ${none as string[]}::text[]`)
  return join(conditions, ' AND ')
}

const SQL_OPERATORS: Record<Operator, string> = { '=': '=', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=' }

/** One page of a listing. */
export async function listEntries(q: Queryable, page: ListingPage): Promise<EntryPage> {
  const { spans, fold, details } = page
  if (spans.length === 0) return { names: [], folders: undefined, objects: undefined }
  const row = await q.one<Record<string, string | null>>(sql`
    SELECT count(*)::int AS count, ${textsOf(sql`coalesce(v.name, '')`, 'names')}
      ${fold ? sql`, ${textsOf(sql`coalesce(v.folder, '')`, 'folders')}` : sql``}
      ${details ? sql`, ${columnsOf(details)}` : sql``}
    FROM (${fold ? folded(page, fold) : unfolded(page)}) v`)
  const count = Number(row['count'])
  const list = (column: string) => JSON.parse(row[column] ?? '[]')
  const plain = (column: string) => row[column]?.split(',') ?? []
  const texts = (column: string): string[] =>
    count === 0 ? [] : row[`${column}Json`] ? list(`${column}Json`) : row[column]!.split(SEPARATOR)
  const numbers = (column: string) => row[column]?.slice(1, -1).split(',') ?? []
  const alike = (column: string): string[] => {
    const told = list(column)
    return Array.isArray(told) ? told : Array(count).fill(told)
  }
  return {
    names: texts('names'),
    folders: fold && texts('folders').map((folder) => folder || null),
    objects: details && {
      sizes: numbers('sizes'),
      hashes: hashesOf(row['hashes'] ?? ''),
      checksums: details.checksums ? plain('checksums') : undefined,
      contentTypes: alike('contentTypes'),
      times: timesOf(row['times'] ?? ''),
      uuids: plain('uuids'),
      ids: numbers('ids'),
      modifiers: alike('modifiers'),
      availability: alike('availability').map(String),
      sharing: details.sharing && list('sharing'),
      links: details.links ? list('links') : undefined,
    },
  }
}

// Text in JSON costs PostgreSQL more than reading the row does. So columns travel as what costs least: bytes all at once,
// what is the same for all objects once, and text between separators, unless it holds one itself.

/** A character that hardly any name holds, and that JSON leaves as it is. */
const SEPARATOR = '\x7f'

function textsOf(value: Sql, name: string): Sql {
  const all = sql`string_agg(${value}, chr(127))`
  const ambiguous = sql`octet_length(${all}) - octet_length(replace(${all}, chr(127), '')) >= count(*)`
  return sql`${all} AS "${raw(name)}", CASE WHEN ${ambiguous} THEN ${jsonOf(value)} END AS "${raw(name)}Json"`
}

/** What is mostly the same for all objects, as JSON: the one value, or a list. */
function alikeOf(value: string, name: string): Sql {
  const all = `array_agg(${value})`
  return sql`
    CASE WHEN ${raw(`(${all})[1] = ALL (${all})`)} THEN to_json(${raw(`(${all})[1]`)}) ELSE array_to_json(${raw(all)}) END::text AS "${raw(name)}"`
}

function jsonOf(value: Sql): Sql {
  return sql`array_to_json(array_agg(${value}))::text`
}

function listOf(value: Sql, name: string): Sql {
  return sql`${jsonOf(value)} AS "${raw(name)}"`
}

/** What holds no comma. */
function plainOf(value: string, name: string): Sql {
  return sql`string_agg(coalesce(${raw(value)}, ''), ',') AS "${raw(name)}"`
}

/** An array as PostgreSQL writes it. */
function numbersOf(value: string, name: string): Sql {
  return sql`array_agg(${raw(value)})::text AS "${raw(name)}"`
}

function bytesOf(value: string, name: string): Sql {
  return sql`encode(string_agg(${raw(value)}, ''), 'hex') AS "${raw(name)}"`
}

/** Stands where an object has no hash: no content that anybody will find has this one. */
const NO_HASH = '00'.repeat(32)

function columnsOf({ checksums, sharing, links }: Details): Sql {
  return join([
    numbersOf('v.size_bytes', 'sizes'),
    bytesOf(`coalesce(v.hash, '\\x${NO_HASH}')`, 'hashes'),
    ...(checksums ? [plainOf('v.checksum', 'checksums')] : []),
    alikeOf('v.content_type', 'contentTypes'),
    bytesOf("timestamptz_send(coalesce(v.created_at, 'epoch'))", 'times'),
    plainOf('v.uuid::text', 'uuids'),
    numbersOf('v.id', 'ids'),
    alikeOf('v.modified_by', 'modifiers'),
    alikeOf('v.available', 'availability'),
    ...(sharing ? [listOf(ownSharing(sharing.userId), 'sharing')] : []),
    ...(links ? [listOf(linkIdOf(sql`v.container_id`, sql`v.name`), 'links')] : []),
  ])
}

function hashesOf(hex: string): string[] {
  const hashes: string[] = []
  for (let at = 0; at < hex.length; at += NO_HASH.length) hashes.push(hex.slice(at, at + NO_HASH.length))
  return hex.includes(NO_HASH) ? hashes.map((hash) => (hash === NO_HASH ? '' : hash)) : hashes
}

/** PostgreSQL counts microseconds from the year 2000. */
const MICROS_2000 = 946_684_800_000_000

function timesOf(hex: string): number[] {
  const bytes = Buffer.from(hex, 'hex')
  const times: number[] = []
  for (let at = 0; at < bytes.length; at += 8)
    times.push(MICROS_2000 + bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4))
  return times
}

function ownSharing(userId: string): Sql {
  const subjects = (access: string) =>
    sql`coalesce(json_agg(p.subject ORDER BY p.subject) FILTER (WHERE p.access = ${raw(access)}), '[]')`
  return sql`(
    SELECT json_build_object('read', ${subjects("'read'")}, 'write', ${subjects("'write'")},
      'writes', coalesce(bool_or(p.access = 'write' AND p.subject = ANY(${subjectsOf(userId)})), false))
    FROM object_store.permissions p
    WHERE p.container_id = v.container_id AND p.name = v.name HAVING count(*) > 0)`
}

/**
 * The spans one after the other: a nested loop, which ends when the page is full. They, the container and the limit stand in
 * sub-selects: a planner that sees them plans each page anew, which takes longer than a short page does.
 */
function eachSpan({ spans }: ListingPage): Sql {
  const [first] = spans
  if (first && spans.length === 1)
    return sql`(SELECT (SELECT ${first.from}::text) AS start, (SELECT ${first.till}::text) AS till) AS span`
  const froms = spans.map(({ from }) => from)
  const tills = spans.map(({ till }) => till)
  return sql`unnest((SELECT ${froms}::text[]), (SELECT ${tills}::text[])) AS span (start, till)`
}

function unfolded(page: ListingPage): Sql {
  const within = objectsWithin(page, sql`v.name >= span.start AND v.name < span.till`)
  return sql`
    SELECT v.* FROM ${eachSpan(page)}
    CROSS JOIN LATERAL (SELECT v.* FROM ${within} ORDER BY v.name LIMIT (SELECT ${page.limit}::int)) v
    LIMIT (SELECT ${page.limit}::int)`
}

/**
 * Objects and folders, where a folder stands for all names that go on after it. Each step looks at some names and goes on
 * after the last of them, or after the folder that it lies in. Names of one folder follow each other, so each folder but
 * the first of its rows is dropped; what is a folder of its own name is an object and stands for the folder.
 */
function folded(page: ListingPage, { prefix, delimiter, folders }: { prefix: string; delimiter: string; folders: boolean }): Sql {
  const characters = [...prefix].length
  const rest = (name: Sql) => (characters === 0 ? name : sql`substr(${name}, ${characters + 1}::int)`)
  // Up to the first delimiter after the prefix; null for a name that has none.
  const folderOf = (name: Sql) => sql`
    CASE WHEN strpos(${rest(name)}, ${delimiter}) > 0
      THEN left(${name}, ${characters + [...delimiter].length - 1}::int + strpos(${rest(name)}, ${delimiter})) END`
  const next = sql`(coalesce(step.folder || ${LAST}, step.last || chr(1)) COLLATE "C")`
  const ahead = sql`CASE WHEN step.folder IS NULL THEN least(step.ahead * ${AHEAD.more}::int, ${AHEAD.most}::int) ELSE 1 END`
  const lastOf = (bounds: Sql, count: Sql) => sql`(
    SELECT max(name) AS last FROM (SELECT v.name FROM ${objectsWithin(page, bounds)} ORDER BY v.name LIMIT ${count}) seen)`
  const following = sql`v.name >= ${next} AND v.name < span.till AND (step.folder IS NULL OR NOT starts_with(v.name, step.folder))`
  const onlyFolder = sql`step.ahead = 1 AND step.folder <> step.last`
  return sql`
    SELECT (object).*, folder FROM (
      SELECT object, folder, lag(folder) OVER () AS before
      FROM ${eachSpan(page)}
      CROSS JOIN LATERAL (
        WITH RECURSIVE step AS (
          SELECT span.start COLLATE "C" AS start, look.last, ${folderOf(sql`look.last`)} AS folder, ${AHEAD.first}::int AS ahead
          FROM ${lastOf(sql`v.name >= span.start AND v.name < span.till`, sql`${AHEAD.first}::int`)} look
          UNION ALL
          SELECT ${next}, look.last, ${folderOf(sql`look.last`)}, ${ahead}
          FROM step CROSS JOIN LATERAL ${lastOf(following, ahead)} look WHERE step.last IS NOT NULL
        )
        SELECT seen.object, seen.folder FROM step CROSS JOIN LATERAL (
          SELECT NULL::object_store.versions AS object, step.folder WHERE ${onlyFolder}
          UNION ALL
          (SELECT v, ${folderOf(sql`v.name`)} FROM ${objectsWithin(
            page,
            sql`v.name >= step.start AND v.name <= step.last AND v.name < span.till AND (${onlyFolder}) IS NOT TRUE`,
          )} ORDER BY v.name)
        ) seen
      ) entry
    ) entry
    WHERE (folder IS NULL OR folder IS DISTINCT FROM before)
      ${folders ? sql`` : sql`AND (folder IS NULL OR (object).name = folder)`}
    LIMIT (SELECT ${page.limit}::int)`
}
