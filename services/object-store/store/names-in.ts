import { type Sql, sql } from '@synnefo/lib/sql'
import { afterPrefix } from '../names.ts'

/** Names that an operation on many is about, as a condition on a column. */
export type NamesIn = (column: Sql) => Sql

export const allNames: NamesIn = () => sql`true`

export function namesUnder(prefix: string): NamesIn {
  const after = afterPrefix(prefix)
  return (column) => (after === undefined ? sql`${column} >= ${prefix}` : sql`(${column} >= ${prefix} AND ${column} < ${after})`)
}

export function oneName(name: string): NamesIn {
  return (column) => sql`${column} = ${name}`
}

/** An object, and everything whose name goes on after it with the delimiter. */
export function namesOfTree(name: string, delimiter: string): NamesIn {
  const below = namesUnder(beginningOfTree(name, delimiter))
  return (column) => sql`(${column} = ${name} OR ${below(column)})`
}

/** What the names in a folder begin with. */
export const beginningOfTree = (name: string, delimiter: string) => `${name}${delimiter}`

export function theseNames(names: readonly string[]): NamesIn {
  return (column) => sql`${column} = ANY(${names as string[]}::text[])`
}

/** Names that begin with one of these; undefined: all. */
export function namesBeginning(beginnings: readonly string[] | undefined): NamesIn {
  if (beginnings === undefined) return allNames
  return (name) =>
    sql`EXISTS (SELECT FROM unnest(${beginnings as string[]}::text[]) AS beginning WHERE starts_with(${name}, beginning))`
}
