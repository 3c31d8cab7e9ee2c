// What the `console` action answers (compute-api.md §4, §10). Browsers get the address of a WebSocket on the cloud's own
// port with a ticket in it; clients of the original get a TCP listener of a few seconds that speaks VNC authentication.
import { Fault } from '@synnefo/lib/fault'
import type { Compute } from '../compute.ts'
import { listenOnce } from './listener.ts'
import { type ConsoleCaller, issueTicket, openWithTicket } from './tickets.ts'

export type ConsoleAnswer = {
  type: string
  host: string
  port: number
  password: string
  /** For browsers: the WebSocket, on the host and port of the page. */
  url?: string
}

export const CONSOLE_PATH = '/cyclades/consoles'

export async function handOver(compute: Compute, caller: ConsoleCaller, id: bigint, type: unknown): Promise<ConsoleAnswer> {
  if (type === 'vnc') {
    const ticket = await issueTicket(compute, caller, id, 'vnc')
    const { stream, token } = await openWithTicket(compute, ticket)
    const stop = compute.identity.authenticator.watch(token, () => stream.destroy())
    stream.once('close', stop)
    return { type, ...(await listenOnce(compute, stream)) }
  }
  if (type === 'vnc-ws' || type === 'vnc-wss' || type === 'serial-ws') {
    const ticket = await issueTicket(compute, caller, id, type === 'serial-ws' ? 'serial' : 'vnc')
    const { hostname, port, protocol } = new URL(compute.baseUrl())
    const url = `${CONSOLE_PATH}/${ticket}`
    return { type, host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80), password: '', url }
  }
  throw new Fault('badRequest', `Field 'console.type' must be vnc, vnc-ws, vnc-wss or serial-ws, not ${JSON.stringify(type)}.`)
}
