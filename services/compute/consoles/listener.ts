import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '@synnefo/lib/fault'
import type { Compute } from '../compute.ts'
import { authenticateClient, enterMachine } from './rfb-auth.ts'

const PASSWORD_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'
const HANDSHAKE_SECONDS = 20

/** Listens for one client, for CONSOLE_TICKET_SECONDS, and joins it to the machine's screen once it knows the password. */
export async function listenOnce(compute: Compute, machine: Duplex): Promise<{ host: string; port: number; password: string }> {
  const { hostname } = new URL(compute.baseUrl())
  const password = Array.from({ length: 8 }, () => PASSWORD_LETTERS[randomInt(PASSWORD_LETTERS.length)]).join('')
  const server = createServer({ noDelay: true })
  const expiry = setTimeout(() => close(server, machine), compute.settings.CONSOLE_TICKET_SECONDS * 1000)
  server.once('connection', async (client) => {
    clearTimeout(expiry)
    server.close()
    client.setTimeout(HANDSHAKE_SECONDS * 1000, () => client.destroy())
    client.on('error', () => machine.destroy())
    machine.on('error', () => client.destroy())
    try {
      if (!(await authenticateClient(client, password))) return void client.end(() => machine.destroy())
      await enterMachine(machine)
      client.setTimeout(0)
      await pipeline(client, machine, client)
    } catch (error) {
      compute.log.debug({ error }, 'a console ended')
    } finally {
      client.destroy()
      machine.destroy()
    }
  })
  const port = await listenInRange(server, hostname, compute.settings.CONSOLE_LISTEN_PORTS).catch((error) => {
    close(server, machine)
    clearTimeout(expiry)
    throw error
  })
  return { host: hostname, port, password }
}

function close(server: Server, machine: Duplex) {
  server.close()
  machine.destroy()
}

/** Takes a free port of the range, beginning anywhere, so that neighbours rarely meet. */
async function listenInRange(server: Server, host: string, [first, last]: readonly [number, number]): Promise<number> {
  const count = last - first + 1
  const begin = randomInt(count)
  for (let turn = 0; turn < count; turn += 1) {
    const port = first + ((begin + turn) % count)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const failed = () => resolve(false)
    server.once('error', failed)
    server.listen(port, host, () => resolve(true))
    const listening = await promise
    server.off('error', failed)
    if (listening) return port
  }
  throw new Fault('serviceUnavailable', 'All ports for consoles are in use. Close one, or try again in a minute.')
}
