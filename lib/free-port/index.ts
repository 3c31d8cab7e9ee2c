// A port for a program that is told its number and listens there later. One that the system picks would not stay free
// until then: it is of the range of which each connection that anybody makes takes one too.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import getPort from 'get-port'

/** Below lie ports that well-known programs have. */
const FIRST = 16_384
const CANDIDATES = 100

/** Nobody listens there now, and nobody is given it by chance. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  const end = firstOfConnections()
  const port = end > FIRST ? Array.from({ length: CANDIDATES }, () => randomInt(FIRST, end)) : 0
  return getPort({ host, port })
}

/** The first port that the kernel gives to connections and to who does not mind. */
function firstOfConnections(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')[0])
  } catch {
    return 0
  }
}
