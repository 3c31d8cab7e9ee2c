// A port for a program that is told its number and listens there later. One that the system picks would not stay free
// until then: it is of the range of which each connection that anybody makes takes one too.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Below lie ports that well-known programs have. */
const FIRST = 16_384
const ATTEMPTS = 100

/** Nobody listens there now, and nobody is given it by chance. */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  const end = firstOfConnections()
  for (let attempt = 0; attempt < ATTEMPTS && end > FIRST; attempt += 1) {
    const port = await tryPort(randomInt(FIRST, end), host).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
    })
    if (port) return port
  }
  return tryPort(0, host)
}

/** The first port that the kernel gives to connections and to who does not mind. */
function firstOfConnections(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')[0])
  } catch {
    return 0
  }
}

/** Listens for a moment. */
async function tryPort(port: number, host: string): Promise<number> {
  const server = createServer().listen({ host, port })
  await once(server, 'listening')
  const { port: found } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return found
}
