// The cloud's process: HTTP, tasks and the web UI of all services, wired by hand. It decides nothing itself.
import { parseArgs } from 'node:util'
import { closeHttp } from '@synnefo/lib/http'
import { openLog } from '@synnefo/lib/log'
import { SettingsError } from '@synnefo/lib/settings'
import { openCloud } from './cloud.ts'

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8080' },
    'node-socket': { type: 'string' },
    blocks: { type: 'string' },
    mail: { type: 'string' },
    secrets: { type: 'string' },
    settings: { type: 'string' },
    web: { type: 'string' },
  },
})

/** A person must change something before another start can work: sysexits.h calls it EX_CONFIG. */
const CONFIGURATION_ERROR = 78
/** Requests under way get this long to finish when the process is asked to stop. */
const GRACE_MS = 8_000

const log = openLog({ name: 'cloud' })
const databaseUrl = process.env['SYNNEFO_DATABASE_URL']
if (!databaseUrl) {
  console.error('SYNNEFO_DATABASE_URL is not set: start the cloud with ./synnefo up')
  process.exit(CONFIGURATION_ERROR)
}

try {
  const cloud = await openCloud({ log, databaseUrl })
  await cloud.app.listen({ host: values.listen, port: Number(values.port) })
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
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  console.error(error.message)
  process.exit(CONFIGURATION_ERROR)
}
