// snf-manage: the operator's commands of all services, on the database itself. Started by ./synnefo manage, which
// says before `--` where the cloud is; what comes after is the command.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openServices, type Services } from '@synnefo/app-cloud/services'
import { type CloudSettings, settings as declarations, obsoleteSettings } from '@synnefo/app-cloud/settings'
import { openRemote } from '@synnefo/engine-hypervisor'
import { type CommandLog, type Invocation, openCommandLog, openTerminal, runCommand, type Sink } from '@synnefo/lib/commands'
import { openLog, silentLog } from '@synnefo/lib/log'
import { readSettings, SettingsError } from '@synnefo/lib/settings'
import { becomeUser, strangerWarning } from './account.ts'
import type { ManageContext } from './commands/index.ts'
import { commands } from './commands.ts'
import { programs } from './programs.ts'

const { values, positionals: words } = parseArgs({
  options: {
    'base-url': { type: 'string', default: '' },
    'node-socket': { type: 'string' },
    blocks: { type: 'string' },
    logs: { type: 'string' },
    secrets: { type: 'string' },
    settings: { type: 'string', multiple: true, default: [] },
    templates: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
})

/** The first word may name a program of its own, as the files in bin/ do. */
const own = programs.get(words[0] ?? '')
const program = own ? words[0]! : 'snf-manage'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

let services: Services | undefined
let commandLog: CommandLog | undefined
/** Into the log of the command too, from the moment that there is one. */
const copied = (stream: Sink) => ({ current: stream, stream })
const output = copied(process.stdout)
const errors = copied(process.stderr)

async function context(invocation: Invocation): Promise<ManageContext> {
  const { blocks, secrets, 'node-socket': nodeSocket } = values
  const databaseUrl = process.env['SYNNEFO_DATABASE_URL']
  if (!blocks || !secrets || !nodeSocket || !databaseUrl)
    throw new SettingsError('There is no cloud yet: start one with ./synnefo up')
  const settings = await readSettings(declarations, {
    folders: values.settings,
    env: process.env,
    obsolete: obsoleteSettings, // `up` says so
  })
  becomeUser({ user: settings.SNF_MANAGE_USER, group: settings.SNF_MANAGE_GROUP })
  const warning = strangerWarning(secrets, settings.SNF_MANAGE_USER)
  if (warning) terminal.error(warning)
  const called = own ? `${program}-${invocation.command}` : invocation.command
  if (!new RegExp(settings.LOGGER_EXCLUDE_COMMANDS).test(called)) keepLog(settings, called)
  services = await openServices({
    name: 'snf-manage',
    log: invocation.verbosity < 2 ? silentLog : logOnErrors(invocation.verbosity),
    settings,
    databaseUrl,
    baseUrl: () => values['base-url'],
    folders: { blocks, secrets, templates: values.templates },
    hypervisor: openRemote({ socketPath: nodeSocket }),
  })
  return { ...services, settings }
}

const logOnErrors = (verbosity: number) =>
  openLog({ name: 'snf-manage', level: verbosity === 2 ? 'info' : 'debug', stream: process.stderr })

function keepLog({ LOG_DIR }: CloudSettings, command: string): void {
  const logs = LOG_DIR || values.logs
  if (!logs) return // a cloud of an older release is running: the next `up` says where
  const folder = join(logs, 'commands')
  try {
    commandLog = openCommandLog({ folder, command, words, pid: process.pid })
    for (const side of [output, errors]) side.current = commandLog.copying(side.stream)
  } catch (error) {
    terminal.error(`Warning: there will be no log of this command: ${(error as Error).message}`)
  }
}

const terminal = openTerminal({
  input: process.stdin,
  output: { write: (text: string) => output.current.write(text) },
  errors: { write: (text: string) => errors.current.write(text) },
})
try {
  process.exitCode = await runCommand({
    program,
    version,
    commands: own ?? commands,
    words: own ? words.slice(1) : words,
    terminal,
    context,
  })
} catch (error) {
  if (error instanceof SettingsError) terminal.error(error.message)
  else
    terminal.error(
      words.includes('--traceback')
        ? String((error as Error).stack)
        : `${(error as Error).message}\nWith --traceback it says where.`,
    )
  process.exitCode = 1
} finally {
  await services?.close()
  commandLog?.close()
}
