// The options that every `-list` command has, and what they mean: which columns, which rows, in which form. A listing
// is declared once; help, `--list-fields` and `--list-filters` come from the declaration.
import sql, { join, raw, type Sql } from 'sql-template-tag'
import { Fault } from '../fault/index.ts'
import { readFormat } from './common.ts'
import { flag, option } from './define.ts'
import type { Cell, OutputFormat } from './format.ts'
import type { Terminal } from './terminal.ts'

export interface Field<Row> {
  help: string
  cell: (row: Row) => Cell
  /** Shown unless other columns are asked for. */
  shown?: boolean
}

export interface Filter {
  help: string
  column: Sql
  type: 'text' | 'number' | 'boolean' | 'date'
  /** Of a number that may be written otherwise, such as 2GiB: answers it, or undefined when it is none. */
  read?: (text: string) => bigint | undefined
}

export interface ListingInput {
  output: string | undefined
  outputFormat: OutputFormat
  listFields: boolean
  filterBy: string | undefined
  listFilters: boolean
  noHeaders: boolean
}

/** Columns by which whole kinds of rows are chosen; each brings its option to the list. */
export interface Scopes<Row> {
  /** `--user` and `--display-mails`: whose it is. */
  owner?: { column: Sql; uuid: (row: Row) => string | null }
  /** `--project`: which project it belongs to. */
  project?: { column: Sql }
  /** `--deleted`: only those that are gone; without it, only those that are not. */
  deleted?: { column: Sql }
}

/** Who is behind an address, and which address somebody has. */
export interface People {
  uuidOf(email: string): Promise<string | undefined>
  emailsOf(uuids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export interface ScopeInput {
  user?: string | undefined
  displayMails?: boolean
  project?: string | undefined
  deleted?: boolean
}

export interface ScopedListing<Row> {
  /** To be spread into the command's input. Holds only the options of the scopes that were declared; all are typed, for brevity. */
  input: typeof listingInput & typeof scopeInput
  /** The same as of a listing; `people` resolves addresses. */
  show(
    terminal: Terminal,
    input: ListingInput & ScopeInput,
    find: (condition: Sql) => Promise<Row[]>,
    options: { people: People; alsoShown?: readonly string[] },
  ): Promise<void>
}

export interface Listing<Row> {
  /** To be spread into the command's input. */
  input: typeof listingInput
  /** Answers the request for fields or filters, or asks `find` for the rows and writes them. `condition` is true for all rows without --filter-by. */
  show(
    terminal: Terminal,
    input: ListingInput,
    find: (condition: Sql) => Promise<Row[]>,
    alsoShown?: readonly string[],
  ): Promise<void>
}

/** `--output-format`, for commands that are no lists too. */
export const outputFormat = option('pretty, csv or json', {
  default: 'pretty' as OutputFormat,
  read: readFormat,
  placeholder: 'format',
})

const listingInput = {
  output: option('columns to show, separated by commas', { short: 'o', placeholder: 'fields' }),
  outputFormat,
  listFields: flag('show which columns there are'),
  filterBy: option("which rows to show, such as 'id>7,name=a'", { placeholder: 'conditions' }),
  listFilters: flag('show what --filter-by knows'),
  noHeaders: flag('leave the headings out'),
}

export function defineListing<Row>(fields: Record<string, Field<Row>>, filters: Record<string, Filter>): Listing<Row> {
  return {
    input: listingInput,
    async show(terminal, input, find, alsoShown = []) {
      const options = { format: input.outputFormat, headings: !input.noHeaders }
      if (input.listFields) return terminal.table(described('Field', fields), { ...options, fields: ['Field', 'Description'] })
      if (input.listFilters)
        return terminal.table(described('Filter', filters), { ...options, fields: ['Filter', 'Description'] })
      const shown = input.output?.split(',').map((name) => name.trim()) ?? [
        ...Object.keys(fields).filter((name) => fields[name]!.shown || alsoShown.includes(name)),
      ]
      const unknown = shown.find((name) => !(name in fields))
      if (unknown !== undefined) throw refused(`there is no field '${unknown}'; --list-fields shows which there are`)
      const rows = await find(input.filterBy === undefined ? sql`true` : readConditions(input.filterBy, filters))
      terminal.table(
        rows.map((row) => Object.fromEntries(shown.map((name) => [name, fields[name]!.cell(row)]))),
        { ...options, fields: shown },
      )
    },
  }
}

const scopeInput = {
  user: option("only this person's", { short: 'u', placeholder: 'uuid|email' }),
  displayMails: flag('show the e-mail addresses of owners too', { aliases: ['displayname'] }),
  project: option('only those of this project', { short: 'p', placeholder: 'uuid' }),
  deleted: flag('only deleted ones', { short: 'd' }),
}

/** A listing of things that have an owner, a project or a mark that they are gone. */
export function defineScopedListing<Row extends object>(
  fields: Record<string, Field<Row>>,
  filters: Record<string, Filter>,
  scopes: Scopes<Row>,
): ScopedListing<Row> {
  const { owner, project, deleted } = scopes
  const emails = new WeakMap<object, string | undefined>()
  const shownEmail: Field<Row> = { help: "the owner's e-mail address", cell: (row) => emails.get(row) }
  const listing = defineListing<Row>(owner ? { ...fields, [OWNER_EMAIL]: shownEmail } : fields, filters)
  return {
    input: {
      ...listing.input,
      ...(owner ? { user: scopeInput.user, displayMails: scopeInput.displayMails } : {}),
      ...(project ? { project: scopeInput.project } : {}),
      ...(deleted ? { deleted: scopeInput.deleted } : {}),
    } as ScopedListing<Row>['input'],
    async show(terminal, input, find, { people, alsoShown = [] }) {
      const withEmails = owner && (input.displayMails || input.output?.split(',').some((name) => name.trim() === OWNER_EMAIL))
      async function findScoped(condition: Sql): Promise<Row[]> {
        const conditions = [condition]
        if (deleted) conditions.push(input.deleted ? deleted.column : sql`NOT ${deleted.column}`)
        if (project && input.project !== undefined) conditions.push(sql`${project.column}::text = ${input.project}`)
        if (owner && input.user !== undefined) conditions.push(sql`${owner.column}::text = ${await uuidOf(people, input.user)}`)
        const rows = await find(sql`(${join(conditions, ') AND (')})`)
        if (!withEmails) return rows
        const owners = new Set(rows.map(owner.uuid).filter((uuid) => uuid !== null))
        const found = await people.emailsOf([...owners])
        for (const row of rows) emails.set(row, found.get(owner.uuid(row) ?? ''))
        return rows
      }
      await listing.show(terminal, input, findScoped, input.displayMails ? [...alsoShown, OWNER_EMAIL] : alsoShown)
    },
  }
}

const OWNER_EMAIL = 'user.email'

async function uuidOf(people: People, word: string): Promise<string> {
  if (!word.includes('@')) return word
  const uuid = await people.uuidOf(word)
  if (uuid === undefined) throw refused(`there is no person with the e-mail address '${word}'`)
  return uuid
}

const refused = (message: string) => new Fault('badRequest', message)

const described = (heading: string, entries: Record<string, { help: string }>) =>
  Object.entries(entries).map(([name, { help }]) => ({ [heading]: name, Description: help }))

/** Longer signs first, so that `>=` is not read as `>`. */
const OPERATORS = ['!=', '>=', '=>', '<=', '=<', '>', '<', '='] as const
const SQL_OPERATOR: Record<(typeof OPERATORS)[number], Sql> = {
  '!=': raw('IS DISTINCT FROM'),
  '>=': raw('>='),
  '=>': raw('>='),
  '<=': raw('<='),
  '=<': raw('<='),
  '>': raw('>'),
  '<': raw('<'),
  '=': raw('='),
}

/** `key OP value`, several separated by commas, all of which must hold. */
export function readConditions(expression: string, filters: Record<string, Filter>): Sql {
  const terms = expression.split(',').map((term) => readCondition(term, filters))
  return sql`(${join(terms, ') AND (')})`
}

function readCondition(term: string, filters: Record<string, Filter>): Sql {
  const parts = /^\s*([a-z0-9_.]+)\s*(!=|>=|=>|<=|=<|>|<|=)\s*(.*?)\s*$/is.exec(term)
  if (!parts) throw refused(`'${term}' is no condition: it should read like name=value`)
  const [, word, operator, text] = parts as unknown as [string, string, (typeof OPERATORS)[number], string]
  const { key, lookup } = keyAndLookup(word, filters)
  const filter = filters[key]
  if (!filter) throw refused(`there is no filter '${key}'; --list-filters shows which there are`)
  const { column } = filter
  if (lookup === undefined) return sql`${column} ${SQL_OPERATOR[operator]} ${readValue(key, filter, text)}`
  const found = lookedUp(key, filter, lookup, text)
  return operator === '!=' ? sql`NOT coalesce(${found}, false)` : found
}

/** A key may hold the sign that stands before a lookup, such as owner__email: the longest one that is known counts. */
function keyAndLookup(word: string, filters: Record<string, Filter>): { key: string; lookup?: string } {
  if (Object.hasOwn(filters, word)) return { key: word }
  const end = word.lastIndexOf('__')
  return end <= 0 ? { key: word } : { key: word.slice(0, end), lookup: word.slice(end + 2) }
}

/** Suffixes of a key, such as name__contains. */
function lookedUp(key: string, filter: Filter, lookup: string, text: string): Sql {
  const asText = sql`${filter.column}::text`
  switch (lookup) {
    case 'exact':
      return sql`${filter.column} = ${readValue(key, filter, text)}`
    case 'iexact':
      return sql`lower(${asText}) = lower(${text})`
    case 'contains':
      return sql`position(${text} IN ${asText}) > 0`
    case 'icontains':
      return sql`position(lower(${text}) IN lower(${asText})) > 0`
    case 'startswith':
      return sql`starts_with(${asText}, ${text})`
    case 'endswith':
      return sql`right(${asText}, length(${text})) = ${text}`
    case 'iendswith':
      return sql`lower(right(${asText}, length(${text}))) = lower(${text})`
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return sql`${filter.column} ${SQL_OPERATOR[COMPARISONS[lookup]]} ${readValue(key, filter, text)}`
    case 'istartswith':
      return sql`starts_with(lower(${asText}), lower(${text}))`
    case 'in':
      return sql`${asText} = ANY(${text.replace(/^\[|\]$/g, '').split(/[\s;]+/)})`
    case 'isnull':
      return readBoolean(key, text) ? sql`${filter.column} IS NULL` : sql`${filter.column} IS NOT NULL`
    default:
      throw refused(`there is no lookup '${lookup}' (in ${key}__${lookup})`)
  }
}

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

function readValue(key: string, { type, read }: Filter, text: string): Sql {
  switch (type) {
    case 'boolean':
      return sql`${readBoolean(key, text)}`
    case 'number': {
      const number = read ? read(text) : /^-?\d+$/.test(text) ? text : undefined
      if (number === undefined) throw refused(`'${text}' is no number (for ${key})`)
      return sql`${number}::numeric`
    }
    case 'date':
      if (Number.isNaN(Date.parse(text))) throw refused(`'${text}' is no date (for ${key})`)
      return sql`${new Date(text)}::timestamptz`
    case 'text':
      return sql`${text}`
  }
}

const YES = ['yes', 'true', 't', '1']
const NO = ['no', 'false', 'f', '0']

function readBoolean(key: string, text: string): boolean {
  const word = text.toLowerCase()
  if (!YES.includes(word) && !NO.includes(word)) throw refused(`'${text}' is neither yes nor no (for ${key})`)
  return YES.includes(word)
}

/** Reads the value of an option that is yes or no. */
export const readYesOrNo = (word: string) => readBoolean('this option', word)
