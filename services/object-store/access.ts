// Who may see and change what. The owner of an account may everything in it; others what is shared with them, and
// everything else answers them as if it were not theirs to know.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import type { Place } from './names.ts'
import { type ContainerRow, findContainer } from './store/containers.ts'
import { decidingEntries } from './store/rights.ts'

export type Right = 'read' | 'write'

/** Lists of people that an object is shared with. */
export interface Sharing {
  read: string[]
  write: string[]
}

export interface Access {
  owner: boolean
  /** The most the person may do; undefined: nothing. */
  right: Right | undefined
  /** What decides about people other than the owner; undefined when nothing is shared. */
  sharing: (Sharing & { name: string }) | undefined
}

export function notAllowed(): Fault {
  return new Fault('forbidden', 'You are not allowed to do this.')
}

export async function accessTo(q: Queryable, userId: string, container: ContainerRow, name: string): Promise<Access> {
  const owner = container.account === userId
  const [first, ...others] = container.shares ? await decidingEntries(q, userId, container.id, name) : []
  if (!first) return { owner, right: owner ? 'write' : undefined, sharing: undefined }
  const entries = [first, ...others]
  const subjects = (access: Right) => entries.filter((entry) => entry.access === access).map(({ subject }) => subject)
  const mine = entries.filter((entry) => entry.mine).map(({ access }) => access)
  const right = owner || mine.includes('write') ? 'write' : mine.includes('read') ? 'read' : undefined
  return { owner, right, sharing: { name: first.name, read: subjects('read'), write: subjects('write') } }
}

/**
 * The container of an object, for somebody who has this right to the object. A stranger is refused alike whether
 * account, container or object exist.
 */
export async function containerFor(
  q: Queryable,
  userId: string,
  { account, container, name }: Place,
  right: Right,
  find: (account: string, container: string) => Promise<ContainerRow | undefined> = (a, c) => findContainer(q, a, c),
): Promise<{ container: ContainerRow; access: Access }> {
  const row = await find(account, container)
  if (!row) throw account === userId ? noContainer(container) : notAllowed()
  const access = await accessTo(q, userId, row, name)
  if (!access.right || (right === 'write' && access.right !== 'write')) throw notAllowed()
  return { container: row, access }
}

export function noContainer(name: string): Fault {
  return new Fault('itemNotFound', `Container ${JSON.stringify(name)} does not exist.`)
}

export function noObject(name: string): Fault {
  return new Fault('itemNotFound', `Object ${JSON.stringify(name)} does not exist.`)
}
