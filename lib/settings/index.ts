// Settings are declared once, beside the code that reads them, and passed in as values: nothing reads the
// environment by itself. Read from defaults < *.toml files in the order of their names < environment variables.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import type { Static, TSchema } from 'typebox'
import { Errors } from 'typebox/value'

export { type Static, Type } from 'typebox'

export interface Setting<Schema extends TSchema> {
  schema: Schema
  default: Static<Schema>
  /** One sentence for the operator: what it changes, and its unit. */
  help: string
}

// biome-ignore lint/suspicious/noExplicitAny: a declaration may hold settings of any type; each keeps its own
export type Declarations = Record<string, Setting<any>>

export type SettingsOf<D extends Declarations> = {
  readonly [Name in keyof D]: D[Name] extends Setting<infer S> ? Static<S> : never
}

export function setting<Schema extends TSchema>(
  schema: Schema,
  options: { default: Static<Schema>; help: string },
): Setting<Schema> {
  return { schema, ...options }
}

/** Names are those of the original settings where the meaning is kept. */
export function defineSettings<D extends Declarations>(declarations: D): D {
  return declarations
}

export interface SettingsSources {
  /** Folders with *.toml files; a later folder wins. Missing ones are skipped. */
  folders: readonly string[]
  /** Values as text: TOML (`true`, `5`, `["a"]`), or plain text for a setting that is text. */
  env: Readonly<Record<string, string | undefined>>
  /** Names that mean nothing any more and are passed over, so that older files still serve; a `*` stands for anything. */
  obsolete?: readonly string[]
  /** Hears of those that are there. */
  warn?: (message: string) => void
}

/** What stops the start: which file and line, and what to do about it. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SettingsError'
  }
}

/**
 * Reads and checks the settings of all rooms at once: a name that no room declares is an error, as a wrong value is. All
 * that is wrong is told together.
 */
export async function readSettings<D extends Declarations>(
  declarations: D,
  { folders, env, obsolete = [], warn = () => {} }: SettingsSources,
): Promise<SettingsOf<D>> {
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(declarations).map(([name, { default: value }]) => [name, value]),
  )
  const patterns = obsolete.map((each) => new RegExp(`^${each.replaceAll('*', '.*')}$`))
  const isObsolete = (name: string) => !(name in declarations) && patterns.some((each) => each.test(name))
  const passOver = (name: string, where: string) =>
    warn(`${where}: the setting ${name} is obsolete and has no effect: remove it.`)
  const problems: string[] = []
  function attempt(work: () => void) {
    try {
      work()
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      problems.push(error.message)
    }
  }
  function set(name: string, value: unknown, where: string) {
    attempt(() => {
      values[name] = check(declarations, name, value, where)
    })
  }
  for (const folder of folders) {
    for (const file of await tomlFiles(folder)) {
      const text = await readFile(file, 'utf8')
      attempt(() => {
        for (const [name, value] of Object.entries(parseToml(text, file))) {
          const where = `${file}:${lineOf(text, name)}`
          if (isObsolete(name)) passOver(name, where)
          else set(name, value, where)
        }
      })
    }
  }
  for (const name of Object.keys(env).filter(isObsolete)) passOver(name, `environment variable ${name}`)
  for (const name of Object.keys(declarations)) {
    const text = env[name]
    if (text !== undefined) set(name, readText(text, declarations[name]!), `environment variable ${name}`)
  }
  if (problems.length > 0) throw new SettingsError(problems.join('\n'))
  return values as SettingsOf<D>
}

async function tomlFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new SettingsError(`${folder} cannot be read (${error.code}): let the cloud's user read it, or move it away`)
  })
  return names
    .filter((name) => name.endsWith('.toml'))
    .sort()
    .map((name) => join(folder, name))
}

function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw new SettingsError(`${file}:${error.line}: this is not valid TOML: ${error.message.split('\n')[0]}`)
  }
}

function lineOf(text: string, name: string): number {
  return text.split('\n').findIndex((line) => line.trimStart().replace(/^"/, '').startsWith(name)) + 1
}

function readText(text: string, { schema }: Setting<TSchema>): unknown {
  if (Errors(schema, text).length === 0) return text
  try {
    return parse(`value = ${text}`)['value']
  } catch {
    return text // the check that follows says what is wrong
  }
}

function check(declarations: Declarations, name: string, value: unknown, where: string): unknown {
  const declared = declarations[name]
  if (!declared) {
    const near = nearest(name, Object.keys(declarations))
    throw new SettingsError(
      `${where}: there is no setting ${name}.${near ? ` Did you mean ${near}?` : ''} Correct the name or remove the line.`,
    )
  }
  const [first] = Errors(declared.schema, value)
  if (first) {
    const at = first.instancePath ? ` at ${first.instancePath}` : ''
    throw new SettingsError(
      `${where}: the value of ${name}${at} ${wanted(declared.schema) ?? first.message}. ${declared.help} The default is ${JSON.stringify(declared.default)}.`,
    )
  }
  return value
}

/** What a choice wants: the check of each of its values says only that this one is another. */
function wanted(schema: TSchema & { anyOf?: readonly { const?: unknown }[] }): string | undefined {
  const values = schema.anyOf?.map((each) => each.const)
  if (!values || values.includes(undefined)) return undefined
  return `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`
}

/** The declared name that differs least, when it is close enough to be what was meant. */
function nearest(name: string, names: string[]): string | undefined {
  const scored = names.map((candidate) => ({ candidate, distance: editDistance(name.toUpperCase(), candidate) }))
  const best = scored.sort((a, b) => a.distance - b.distance)[0]
  return best && best.distance <= Math.max(2, name.length / 4) ? best.candidate : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

/** The reference of all settings as a Markdown table, made from the declarations. */
export function describeSettings(declarations: Declarations): string {
  const inCell = (text: string) => text.replaceAll('|', '\\|')
  const rows = Object.entries(declarations).map(
    ([name, { default: value, help }]) => `| \`${name}\` | \`${inCell(JSON.stringify(value))}\` | ${inCell(help)} |`,
  )
  return ['| Setting | Default | Meaning |', '|---|---|---|', ...rows].join('\n')
}
