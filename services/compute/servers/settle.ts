// How a task ends. Each function is one transaction of the reconciler: it locks the server, makes sure that it still
// waits for the same intent, and records the outcome with everything that hangs on it: ports, volumes, quota.
import { acceptCommission, rejectCommission } from '@synnefo/identity'
import type { Tx } from '@synnefo/lib/sql'
import { releaseServerPorts, settleServerPorts } from '@synnefo/network'
import { deleteServerVolumes, settleServerVolumes, volumesOfServers } from '@synnefo/volume'
import type { Compute } from '../compute.ts'
import { type FlavorRow, flavorById } from '../store/flavors.ts'
import { forgetBuild, forgetPassword, insertDiagnostic } from '../store/server-parts.ts'
import { lockServer, type ServerRow, settleServer } from '../store/servers.ts'
import { charge, quantitiesOf } from './quota.ts'

/** Runs `work` on the locked server when it still waits for this intent; answers whether it did. */
async function settling(
  compute: Compute,
  { id, intent }: ServerRow,
  work: (tx: Tx, server: ServerRow) => Promise<void>,
): Promise<boolean> {
  return compute.db.transaction(async (tx) => {
    const server = await lockServer(tx, id)
    if (!server || server.deleted || server.intent !== intent) return false
    await work(tx, server)
    announce(tx, server)
    return true
  })
}

/** The owner's pages look again, at the server and at what it uses. */
export function announce(tx: Tx, { userId }: Pick<ServerRow, 'userId'>): void {
  tx.announces('servers', userId)
  tx.announces('quotas', userId)
}

/** The machine was made. */
export function finishBuild(compute: Compute, server: ServerRow, operstate: 'STARTED' | 'STOPPED'): Promise<boolean> {
  return settling(compute, server, async (tx, { id }) => {
    await forgetBuild(tx, id)
    await settleServerPorts(tx, id, 'ACTIVE')
    await settleServerVolumes(tx, id, 'IN_USE')
    await settleServer(tx, id, operstate)
  })
}

/** The machine could not be made. It keeps its quota until it is deleted. */
export function failBuild(compute: Compute, server: ServerRow, reason: string): Promise<boolean> {
  return settling(compute, server, async (tx, { id }) => {
    await forgetBuild(tx, id)
    await settleServerPorts(tx, id, 'ERROR')
    await settleServerVolumes(tx, id, 'ERROR')
    await insertDiagnostic(tx, { serverId: id, level: 'ERROR', source: 'image-error', ...shortAndLong(reason) })
    await settleServer(tx, id, 'ERROR')
  })
}

/** A start, stop or reboot came to pass. */
export function finishPower(compute: Compute, server: ServerRow, operstate: 'STARTED' | 'STOPPED'): Promise<boolean> {
  return settling(compute, server, async (tx, { id, commission }) => {
    if (commission !== null) await acceptCommission(tx, commission)
    await settleServer(tx, id, operstate)
  })
}

/** A start, stop, reboot or removal failed: everything stays as it was, and the owner is told why. */
export function failTask(compute: Compute, server: ServerRow, reason: string): Promise<boolean> {
  return settling(compute, server, async (tx, { id, commission, operstate }) => {
    if (commission !== null) await rejectCommission(tx, commission)
    await insertDiagnostic(tx, { serverId: id, level: 'ERROR', source: 'server-task', ...shortAndLong(reason) })
    await settleServer(tx, id, operstate)
  })
}

/** The machine and its disks are gone. When nobody asked for it, quota follows what happened. */
export function finishRemoval(compute: Compute, server: ServerRow): Promise<boolean> {
  return settling(compute, server, async (tx, { id, commission, task, name, userId, project, flavorId, operstate }) => {
    if (commission !== null && task === 'DESTROY') await acceptCommission(tx, commission)
    else {
      if (commission !== null) await rejectCommission(tx, commission)
      const flavor = (await flavorById(tx, flavorId)) as FlavorRow
      const quantities = quantitiesOf('DESTROY', flavor, operstate, await diskBytesOf(tx, id))
      await charge(tx, { name: `${name} was found gone`, userId, project, quantities, force: true, autoAccept: true })
    }
    await forgetBuild(tx, id)
    await forgetPassword(tx, id)
    await releaseServerPorts(tx, id)
    await deleteServerVolumes(tx, id)
    await settleServer(tx, id, 'DESTROYED')
  })
}

/** The machine went on or off without our asking: quota follows what happened, limits or not. */
export function noticePower(
  compute: Compute,
  server: ServerRow,
  operstate: 'STARTED' | 'STOPPED',
  why?: string,
): Promise<boolean> {
  return settling(compute, server, async (tx, { id, userId, project, operstate: before }) => {
    const flavor = (await flavorById(tx, server.flavorId)) as FlavorRow
    const quantities = quantitiesOf(operstate === 'STOPPED' ? 'STOP' : 'START', flavor, before, 0n)
    await charge(tx, {
      name: `${server.name} was found ${operstate}`,
      userId,
      project,
      quantities,
      force: true,
      autoAccept: true,
    })
    if (why !== undefined)
      await insertDiagnostic(tx, { serverId: id, level: 'WARNING', source: 'server-stopped', ...shortAndLong(why) })
    await settleServer(tx, id, operstate)
  })
}

/** Bytes of the server's volumes that are charged to it. */
export async function diskBytesOf(tx: Tx, id: bigint): Promise<bigint> {
  const volumes = await volumesOfServers(tx, [id])
  return volumes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n)
}

/** The first line says it; the rest is for whoever wants to know more. */
function shortAndLong(text: string): { message: string; details?: string } {
  const [message = '', ...rest] = text.split('\n')
  const details = rest.join('\n').trim()
  return { message, ...(details || message.length > 255 ? { details: details || message } : {}) }
}
