import { randomBytes } from 'node:crypto'
import { audit, type Caller, rejectCommission } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { type Compute, instanceName } from '../compute.ts'
import { type FlavorRow, flavorById } from '../store/flavors.ts'
import { lockServerVisibleTo, type ServerRow, setServerTask, type TaskOptions } from '../store/servers.ts'
import { type Action, refusal, type Task } from '../wire/server-states.ts'
import { charge, quantitiesOf } from './quota.ts'
import { announce, diskBytesOf } from './settle.ts'

export const RUN_SERVERS = 'compute.run-servers'

/** Locks a server that the caller may use; anything else does not exist to him. */
export async function lockServerFor(tx: Tx, caller: Caller, id: bigint): Promise<ServerRow> {
  const server = await lockServerVisibleTo(tx, caller, id)
  if (!server) throw new Fault('itemNotFound', `Server ${id} does not exist.`)
  return server
}

export function checkAction(server: ServerRow, action: Action): void {
  const refused = refusal(action, server)
  if (refused) throw new Fault(refused.kind, refused.message)
}

/** Records that the server should run; the task `compute.run-servers` makes it so after commit. */
export const startServer = (compute: Compute, caller: Caller, id: bigint) => ask(compute, caller, id, 'START')

/** Records that the server should stop: the guest is asked, and after SERVER_SHUTDOWN_SECONDS its power is cut. */
export const stopServer = (compute: Compute, caller: Caller, id: bigint) => ask(compute, caller, id, 'STOP')

/** Records that the server should start afresh. A stopped one is started. */
export const rebootServer = (compute: Compute, caller: Caller, id: bigint, options: { hard: boolean }) =>
  ask(compute, caller, id, 'REBOOT', options)

/** Records that the server should go. Allowed in every state, also while it waits for something else. */
export const removeServer = (compute: Compute, caller: Caller, id: bigint) => ask(compute, caller, id, 'DESTROY')

type Asked = Exclude<Task, 'BUILD'>

async function ask(compute: Compute, caller: Caller, id: bigint, task: Asked, options: TaskOptions = {}): Promise<void> {
  await compute.db.transaction(async (tx) => {
    const server = await lockServerFor(tx, caller, id)
    checkAction(server, task)
    await beginTask(compute, tx, server, task, options)
    await audit(tx, { service: 'compute', actor: caller.userId, action: `server-${task.toLowerCase()}`, target: `server:${id}` })
  })
}

/** The part that a command on behalf of an administrator shares: the server is locked and the action allowed. */
export async function beginTask(
  compute: Compute,
  tx: Tx,
  server: ServerRow,
  task: Asked,
  options: TaskOptions = {},
): Promise<void> {
  // What it waited for is overtaken: a start that never happened gives back what it had reserved.
  if (server.commission !== null) await rejectCommission(tx, server.commission)
  const flavor = (await flavorById(tx, server.flavorId)) as FlavorRow
  const quantities = quantitiesOf(task, flavor, server.operstate, task === 'DESTROY' ? await diskBytesOf(tx, server.id) : 0n)
  const commission = await charge(tx, {
    name: `${task} ${instanceName(compute, server.id)}`,
    userId: server.userId,
    project: server.project,
    quantities,
    force: task === 'DESTROY',
  })
  await setServerTask(tx, server.id, { task, options, intent: newIntent(compute, server.id, task), commission })
  announce(tx, server)
  tx.wakes(RUN_SERVERS)
}

/** A name that no other wish has, under which the backend recognises a repeated call. */
export function newIntent(compute: Compute, id: bigint, task: Task): string {
  return `${instanceName(compute, id)}-${task.toLowerCase()}-${randomBytes(4).toString('hex')}`
}
