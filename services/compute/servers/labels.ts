import { audit, type Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Compute } from '../compute.ts'
import { forgetPassword } from '../store/server-parts.ts'
import { renameServer as storeName } from '../store/servers.ts'
import { openPassword } from './builds.ts'
import { checkName } from './create.ts'
import { checkAction, lockServerFor } from './power.ts'
import { announce } from './settle.ts'
import { showServer } from './view.ts'

/** Changes the label only; the machine keeps its name. */
export async function renameServer(compute: Compute, caller: Caller, id: bigint, name: string): Promise<void> {
  checkName(name)
  await compute.db.transaction(async (tx) => {
    const server = await lockServerFor(tx, caller, id)
    checkAction(server, 'RENAME')
    await storeName(tx, id, name)
    await audit(tx, { service: 'compute', actor: caller.userId, action: 'server-rename', target: `server:${id}` })
    announce(tx, server)
  })
}

/** The administrator's password, until it is forgotten. */
export async function showPassword(compute: Compute, caller: Caller, id: bigint): Promise<string> {
  const { server } = await showServer(compute, caller, id)
  const password = server.userId === caller.userId ? await openPassword(compute, id) : undefined
  if (password === undefined) throw new Fault('itemNotFound', `The password of server ${id} is not kept any more.`)
  return password
}

export async function dropPassword(compute: Compute, caller: Caller, id: bigint): Promise<void> {
  await compute.db.transaction(async (tx) => {
    await lockServerFor(tx, caller, id)
    await forgetPassword(tx, id)
  })
}
