// A process for the test that kills it: the built-in hypervisor over a folder, served on a socket.
import { join } from 'node:path'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { serveHypervisor } from '../remote/serve.ts'
import { openBuiltin } from './index.ts'
import { openParts } from './testing.ts'

const folder = process.argv[2]!
const hypervisor = await openBuiltin({ ...(await openParts(folder)), log: silentLog })
const app = openHttp({ log: silentLog })
serveHypervisor(app, hypervisor)
await app.listen({ path: join(folder, 'node.sock') })
