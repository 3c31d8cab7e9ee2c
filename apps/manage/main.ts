// snf-manage: the operator's commands of all services, on the database itself. Started by ./synnefo manage, which
// says before `--` where the cloud is; what comes after is the command.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openServices, type Services } from '@synnefo/app-cloud/services'
import { settings } from '@synnefo/app-cloud/settings'
import { computeCommands } from '@synnefo/compute/commands'
import { openRemote } from '@synnefo/engine-hypervisor'
import { identityCommands } from '@synnefo/identity/commands'
import { type Command, openTerminal, runCommand } from '@synnefo/lib/commands'
import { silentLog } from '@synnefo/lib/log'
import { readSettings, SettingsError } from '@synnefo/lib/settings'

const { values, positionals } = parseArgs({
  options: {
    'base-url': { type: 'string', default: '' },
    'node-socket': { type: 'string' },
    blocks: { type: 'string' },
    secrets: { type: 'string' },
    settings: { type: 'string', multiple: true, default: [] },
    templates: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
})

const inGroup = (group: string, commands: readonly Command<Services>[]) => commands.map((command) => ({ ...command, group }))
const commands = [...inGroup('Identity:', identityCommands), ...inGroup('Compute:', computeCommands)]

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

let services: Services | undefined

async function context(): Promise<Services> {
  const { blocks, secrets, 'node-socket': nodeSocket } = values
  const databaseUrl = process.env['SYNNEFO_DATABASE_URL']
  if (!blocks || !secrets || !nodeSocket || !databaseUrl)
    throw new SettingsError('There is no cloud yet: start one with ./synnefo up')
  services = await openServices({
    name: 'snf-manage',
    log: silentLog,
    settings: await readSettings(settings, { folders: values.settings, env: process.env }),
    databaseUrl,
    baseUrl: () => values['base-url'],
    folders: { blocks, secrets, templates: values.templates },
    hypervisor: openRemote({ socketPath: nodeSocket }),
  })
  return services
}

const terminal = openTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
try {
  process.exitCode = await runCommand({ program: 'snf-manage', version, commands, words: positionals, terminal, context })
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  terminal.error(error.message)
  process.exitCode = 1
} finally {
  await services?.close()
}
