// The host's hands: machines, volumes and networks, served to the cloud on a Unix socket. The only process that may
// be root; it holds no database credentials.
import { chmodSync, chownSync, readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { serveHypervisor } from '@synnefo/engine-hypervisor'
import { closeHttp, openHttp } from '@synnefo/lib/http'
import { openLog } from '@synnefo/lib/log'
import { openNode } from './node.ts'

const { values } = parseArgs({
  options: {
    socket: { type: 'string', default: '' },
    /** Group that may talk to us besides our own user: the cloud's. */
    'socket-gid': { type: 'string' },
    /** UID:GID that machines run as. */
    'machine-user': { type: 'string' },
    blocks: { type: 'string', default: '' },
    /** File with the key of blocks, when they are encrypted. */
    'block-key': { type: 'string' },
    volumes: { type: 'string', default: '' },
    machines: { type: 'string', default: '' },
    networks: { type: 'string', default: '' },
    downloads: { type: 'string', default: '' },
    run: { type: 'string', default: '' },
  },
})
const { socket, blocks, volumes, machines, networks, downloads, run } = values
const folders = { blocks, volumes, machines, networks, downloads, run }
const missing = Object.entries({ socket, ...folders }).find(([, value]) => value === '')
if (missing) throw new Error(`--${missing[0]} is missing: the node is started by ./synnefo up`)

const log = openLog({ name: 'node' })
const blockKey = values['block-key'] === undefined ? undefined : readFileSync(values['block-key'])
const [uid, gid] = (values['machine-user'] ?? '').split(':').map(Number)
const node = await openNode({ log, folders, blockKey, ...(uid && gid ? { machineUser: { uid, gid } } : {}) })
const app = openHttp({ log })
app.get('/health', async () => ({ status: 'ok' }))
serveHypervisor(app, node.hypervisor)

rmSync(socket, { force: true }) // left by a process that was killed
const umask = process.umask(0o177)
await app.listen({ path: socket })
process.umask(umask)
if (values['socket-gid']) {
  chownSync(socket, -1, Number(values['socket-gid']))
  chmodSync(socket, 0o660)
}
log.info('serving')

let stopping = false
const stop = async () => {
  if (stopping) return
  stopping = true
  await closeHttp(app, 5_000)
  await node.close()
  log.info('stopped')
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
