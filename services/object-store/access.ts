// Who may see and change what. The owner of an account may everything in it; others what is shared with them, and
// everything else answers them as if it were not theirs to know.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import type { Place } from './names.ts'
import { type ContainerRow, findContainer } from './store/containers.ts'
import { type DecidingEntry, decidingEntries } from './store/rights.ts'

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
  const entries = container.shares ? await decidingEntries(q, userId, container.id, name) : []
  return accessBy(container.account === userId, entries)
}

/** What the entries that decide about an object say. */
export function accessBy(owner: boolean, [first, ...others]: readonly DecidingEntry[]): Access {
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
  return enter(userId, { account, container }, right, row, row && (await accessTo(q, userId, row, name)))
}

/** The same with what was found already: the container, if there is one, and what may be done with the object. */
export function enter(
  userId: string,
  { account, container }: Pick<Place, 'account' | 'container'>,
  right: Right,
  found: ContainerRow | undefined,
  access: Access | undefined,
): { container: ContainerRow; access: Access } {
  if (!found || !access) throw account === userId ? noContainer(container) : notAllowed()
  if (!access.right || (right === 'write' && access.right !== 'write')) throw notAllowed()
  return { container: found, access }
}

export function noContainer(name: string): Fault {
  return new Fault('itemNotFound', `Container ${JSON.stringify(name)} does not exist.`)
}

export function noObject(name: string): Fault {
  return new Fault('itemNotFound', `Object ${JSON.stringify(name)} does not exist.`)
}
