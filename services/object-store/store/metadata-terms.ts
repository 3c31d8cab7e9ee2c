// Objects by what their metadata says, from the index of terms (`object_store.metadata_terms`).
import { join, type Queryable, type Sql, sql } from '@synnefo/lib/sql'
import type { MetadataFilter } from './listings.ts'

/** With more objects than this that could fit, reading the container in order is cheaper than going to each. */
const MOST_CANDIDATES = 5_000

/** The names of all objects that could fit; undefined when there are many, or when nothing is asked that an index knows. */
export async function candidatesFor(q: Queryable, containerId: bigint, filter: MetadataFilter): Promise<string[] | undefined> {
  const { some, all } = filter
  const term = (text: string) => sql`hashtextextended(${text}::text COLLATE "C", ${containerId}::bigint)`
  const exact = all.filter(({ operator }) => operator === '=')
  const needed = all.map(({ key, operator, value }) => term(operator === '=' ? `${key}=${value}` : key))
  if (needed.length === 0 && some.length === 0) return undefined
  if (exact.length === 0 && (await isCommon(q, containerId, [some, ...all.map(({ key }) => [key])]))) return undefined
  const terms = sql`object_store.metadata_terms(container_id, metadata)`
  const conditions: Sql[] = []
  if (needed.length > 0) conditions.push(sql`${terms} @> ARRAY[${join(needed)}]`)
  if (some.length > 0) conditions.push(sql`${terms} && ARRAY[${join(some.map(term))}]`)
  // The container is compared outside, so that the index of its names does not look like a way to find them.
  const rows = await q.any<{ name: string }>(sql`
    SELECT name FROM (
      SELECT container_id, name FROM object_store.versions
      WHERE state = 'current' AND metadata <> '{}' AND ${join(conditions, ' AND ')} OFFSET 0
    ) found WHERE container_id = ${containerId} LIMIT ${MOST_CANDIDATES + 1}`)
  return rows.length > MOST_CANDIDATES ? undefined : rows.map(({ name }) => name)
}

/** Whether many objects carry a key of each group, as far as changes are folded. */
async function isCommon(q: Queryable, containerId: bigint, groups: readonly (readonly string[])[]): Promise<boolean> {
  const rows = await q.any<{ key: string; objects: bigint }>(sql`
    SELECT key, objects FROM object_store.container_keys
    WHERE container_id = ${containerId} AND key = ANY(${groups.flat()}::text[])`)
  return groups
    .filter((group) => group.length > 0)
    .every((group) => rows.some(({ key, objects }) => group.includes(key) && objects > MOST_CANDIDATES))
}

/** Metadata keys of current objects in these stretches of a container. */
export async function keysWithin(
  q: Queryable,
  containerId: bigint,
  keys: readonly string[],
  spans: readonly { from: string; till: string }[],
): Promise<string[]> {
  const froms = spans.map(({ from }) => from)
  const tills = spans.map(({ till }) => till)
  const rows = await q.any<{ key: string }>(sql`
    SELECT key FROM unnest(${keys as string[]}::text[]) WITH ORDINALITY AS asked (key, place)
    WHERE EXISTS (
      SELECT FROM unnest(${froms}::text[], ${tills}::text[]) AS span (start, till)
      CROSS JOIN LATERAL (
        SELECT FROM object_store.versions v
        WHERE v.container_id = ${containerId} AND v.state = 'current' AND v.name >= span.start AND v.name < span.till
          AND v.metadata ? key LIMIT 1
      ) carrying)
    ORDER BY place`)
  return rows.map(({ key }) => key)
}
