// The host's hands: machines, volumes and networks, served to the cloud on a Unix socket. The only process that may
// be root; it holds no database credentials.
import { chmodSync, chownSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { closeHttp, openHttp } from '@synnefo/lib/http'
import { openLog } from '@synnefo/lib/log'

const { values } = parseArgs({
  options: {
    socket: { type: 'string' },
    /** Group that may talk to us besides our own user: the cloud's. */
    'socket-gid': { type: 'string' },
    /** UID:GID that machines run as. */
    'machine-user': { type: 'string' },
    blocks: { type: 'string' },
    volumes: { type: 'string' },
    cache: { type: 'string' },
    run: { type: 'string' },
  },
})
const { socket } = values
if (!socket) throw new Error('--socket is needed')

const log = openLog({ name: 'node' })
const app = openHttp({ log })
app.get('/health', async () => ({ status: 'ok' }))

rmSync(socket, { force: true }) // left by a process that was killed
process.umask(0o177)
await app.listen({ path: socket })
if (values['socket-gid']) {
  chownSync(socket, -1, Number(values['socket-gid']))
  chmodSync(socket, 0o660)
}
process.umask(0o077)
log.info('serving')

const stop = async () => {
  await closeHttp(app, 5_000)
  log.info('stopped')
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
