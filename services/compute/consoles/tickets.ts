// A console is opened in two steps: an authorised request answers a ticket, and whoever shows it within seconds gets
// the stream, once. So no token ever stands in the address of a WebSocket.
import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { type ConsoleKind, MachineOff } from '@synnefo/engine-hypervisor'
import { audit, type Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { unavailable } from '../backends/choose.ts'
import { type Compute, instanceName } from '../compute.ts'
import { checkAction, lockServerFor } from '../servers/power.ts'
import { type ConsoleTicketRow, insertConsoleTicket, takeConsoleTicket } from '../store/console-tickets.ts'
import { serverById } from '../store/servers.ts'

const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest()

/** Binds a sealed token to its purpose. */
const ABOUT = 'compute console'

/** Who asks for a console: the console ends with the token that was shown. */
export interface ConsoleCaller {
  caller: Caller
  token: string
}

/** Answers a ticket for the console of an active server. */
export async function issueTicket(
  compute: Compute,
  { caller, token }: ConsoleCaller,
  id: bigint,
  kind: ConsoleKind,
): Promise<string> {
  const ticket = randomBytes(24).toString('base64url')
  await compute.db.transaction(async (tx) => {
    const server = await lockServerFor(tx, caller, id)
    checkAction(server, 'CONSOLE')
    const sealedToken = compute.identity.keys.seal(token, ABOUT)
    await insertConsoleTicket(tx, hashOf(ticket), { serverId: id, kind, sealedToken }, compute.settings.CONSOLE_TICKET_SECONDS)
    await audit(tx, { service: 'compute', actor: caller.userId, action: 'server-console', target: `server:${id}` })
  })
  return ticket
}

/** Takes the ticket and opens the stream that it is for. */
export async function openWithTicket(compute: Compute, ticket: string): Promise<{ stream: Duplex; token: string }> {
  const taken = await takeConsoleTicket(compute.db, hashOf(ticket))
  if (!taken) throw new Fault('itemNotFound', 'This console address has been used or has expired. Open the console again.')
  return { stream: await openConsole(compute, taken), token: compute.identity.keys.unseal(taken.sealedToken, ABOUT) }
}

async function openConsole(compute: Compute, { serverId, kind }: ConsoleTicketRow): Promise<Duplex> {
  const server = await serverById(compute.db, serverId)
  const hypervisor = server && compute.hypervisors.get(server.backend)
  if (!server || server.deleted || !hypervisor) throw new Fault('itemNotFound', `Server ${serverId} does not exist.`)
  try {
    return await hypervisor.openConsole(instanceName(compute, serverId), kind)
  } catch (error) {
    if (error instanceof MachineOff) throw new Fault('badRequest', 'The machine is not running.', { cause: error })
    throw unavailable(error) ?? error
  }
}
