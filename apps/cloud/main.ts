// The cloud's process: HTTP, tasks and the web UI of all services, wired by hand. It decides nothing itself.
import { parseArgs } from 'node:util'
import { openRemote } from '@synnefo/engine-hypervisor'
import { closeHttp } from '@synnefo/lib/http'
import { openLog } from '@synnefo/lib/log'
import { readSettings, SettingsError } from '@synnefo/lib/settings'
import { openCloud } from './cloud.ts'
import { obsoleteSettings, settings } from './settings.ts'

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8080' },
    'base-url': { type: 'string', default: 'http://127.0.0.1:8080' },
    'node-socket': { type: 'string' },
    blocks: { type: 'string' },
    mail: { type: 'string' },
    secrets: { type: 'string' },
    settings: { type: 'string', multiple: true, default: [] },
    templates: { type: 'string', multiple: true, default: [] },
    web: { type: 'string' },
  },
})

/** A person must change something before another start can work: sysexits.h calls it EX_CONFIG. */
const CONFIGURATION_ERROR = 78
/** Requests under way get this long to finish when the process is asked to stop. */
const GRACE_MS = 8_000

async function serve() {
  const { blocks, mail, secrets, web, 'node-socket': nodeSocket } = values
  const databaseUrl = process.env['SYNNEFO_DATABASE_URL']
  if (!databaseUrl || !blocks || !mail || !secrets || !nodeSocket)
    throw new SettingsError('The cloud is started by ./synnefo up.')
  const log = openLog({ name: 'cloud' })
  const cloud = await openCloud({
    log,
    settings: await readSettings(settings, {
      folders: values.settings,
      env: process.env,
      obsolete: obsoleteSettings,
      warn: (message) => log.warn(message),
    }),
    databaseUrl,
    baseUrl: () => values['base-url'],
    name: 'cloud',
    hypervisor: openRemote({ socketPath: nodeSocket }),
    folders: { blocks, mail, secrets, templates: values.templates, ...(web ? { web } : {}) },
  })
  await cloud.app.listen({ host: values.listen, port: Number(values.port) })
  await cloud.tasks.start()
  log.info({ listen: values.listen, port: Number(values.port) }, 'serving')

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await closeHttp(cloud.app, GRACE_MS)
    await cloud.close()
    log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

serve().catch((error) => {
  if (!(error instanceof SettingsError)) throw error
  console.error(error.message)
  process.exit(CONFIGURATION_ERROR)
})
