import { DeployFailed } from './interface.ts'

const FALSE_WORDS = new Set(['no', 'false', 'off', '0', 'unset', ''])
const TRUE_WORDS = new Set(['yes', 'true', 'on', '1', 'set'])

/** Image properties, whose names come in any case. */
export class Properties {
  readonly #values: ReadonlyMap<string, string>
  /** What was odd about the values. */
  readonly warnings: string[] = []

  constructor(properties: Readonly<Record<string, string>>) {
    this.#values = new Map(Object.entries(properties).map(([name, value]) => [name.toUpperCase(), value.trim()]))
  }

  text(name: string): string | undefined {
    return this.#values.get(name) || undefined
  }

  /** Text that is neither a word for yes nor for no counts as yes. */
  flag(name: string): boolean {
    const word = (this.#values.get(name) ?? '').toLowerCase()
    if (FALSE_WORDS.has(word)) return false
    if (!TRUE_WORDS.has(word)) this.warnings.push(`The image property ${name} is neither yes nor no; it counts as yes.`)
    return true
  }

  /** The accounts that get the password and the keys. */
  get users(): string[] {
    return (this.text('USERS') ?? 'root').split(/\s+/)
  }

  get rootPartition(): number | undefined {
    const text = this.text('ROOT_PARTITION')
    if (text !== undefined && !/^\d{1,3}$/.test(text))
      throw new DeployFailed(`The image property ROOT_PARTITION is not a number: ${text}`)
    return text === undefined ? undefined : Number(text)
  }
}
