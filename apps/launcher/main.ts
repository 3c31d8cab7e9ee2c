// What comes after ./synnefo on the command line: each verb is a file in verbs/.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { Refusal } from './refusal.ts'

/** A verb with options of its own. */
export interface Verb {
  /** What may follow the verb, for people. */
  usage: string
  options: NonNullable<ParseArgsConfig['options']>
  /** Words beside options are an error when left out. */
  words?: boolean
  /** Answers the exit code. */
  run(options: Record<string, string | boolean | undefined>, words: string[]): Promise<number>
}

/** A verb that hands all its words, `--help` too, to a program. */
export interface Delegate {
  delegate(words: string[]): Promise<number>
}

/** Loaded only when asked for: `status` must not pay for `test`. */
const verbs: Record<string, { summary: string; load: () => Promise<{ verb: Verb | Delegate }> }> = {
  up: { summary: 'start the cloud, or bring it up to date, and wait until it serves', load: () => import('./verbs/up.ts') },
  down: { summary: 'stop the cloud; machines run on unless --servers is given', load: () => import('./verbs/down.ts') },
  status: { summary: 'tell what runs, where it answers and how much memory it takes', load: () => import('./verbs/status.ts') },
  logs: { summary: 'show what the processes wrote', load: () => import('./verbs/logs.ts') },
  manage: { summary: 'run a command of snf-manage; `manage help` lists them', load: () => import('./verbs/manage.ts') },
  image: { summary: 'build starter images', load: () => import('./verbs/image.ts') },
  test: { summary: 'run all checks and tests, end with "N passed, N failed"', load: () => import('./verbs/test.ts') },
  bench: { summary: 'measure this installation', load: () => import('./verbs/bench.ts') },
}

function help(): string {
  const width = Math.max(...Object.keys(verbs).map((name) => name.length))
  const lines = Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Synnefo: a whole cloud in one command.\n\nUsage: ./synnefo VERB [OPTIONS]\n\n${lines.join('\n')}\n\nEvery verb explains itself with --help. The cloud's data is in $SYNNEFO_HOME\n(by default /var/lib/synnefo for root, ~/.local/share/synnefo for others).`
}

async function main(words: string[]): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const wanted = name === 'help' ? rest[0] : undefined
    if (wanted && wanted in verbs) return main([wanted, '--help'])
    console.log(help())
    return name === undefined ? 2 : 0
  }
  const entry = verbs[name]
  if (!entry) throw new Refusal(`there is no verb "${name}"`, `./synnefo --help lists all: ${Object.keys(verbs).join(', ')}`)
  const { verb } = await entry.load()
  if ('delegate' in verb) return verb.delegate(rest)
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(`${entry.summary}\n\nUsage: ./synnefo ${name} ${verb.usage}`)
    return 0
  }
  const { values, positionals } = parse(name, verb, rest)
  return verb.run(values as Record<string, string | boolean | undefined>, positionals)
}

function parse(name: string, verb: Verb, args: string[]) {
  try {
    return parseArgs({ args, options: verb.options, allowPositionals: verb.words === true, strict: true })
  } catch (error) {
    throw new Refusal((error as Error).message, `usage: ./synnefo ${name} ${verb.usage}`)
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!isToldBriefly(error)) throw error
  console.error(`synnefo: ${error.message}`)
  if (error instanceof Refusal && error.remedy) console.error(`  ${error.remedy}`)
  process.exitCode = 1
}

/** What a person did or the system refused (a folder that may not be written, a full disk) needs no stack trace. */
function isToldBriefly(error: unknown): error is Error {
  return error instanceof Refusal || (error instanceof Error && 'syscall' in error && 'path' in error)
}
