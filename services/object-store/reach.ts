// Where in the object store a token reaches, besides what its owner may do: a token with scopes may be limited to some
// containers of its owner, or to names in them that begin somehow. What it does not reach is refused before anybody
// looks whether it exists.
import type { Caller, Scope } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Right } from './access.ts'
import type { Place } from './names.ts'

/** Objects of the owner's container whose names begin so. */
export interface Part {
  container: string
  prefix: string
}

export interface Reach {
  /** Undefined: everything that the person may. */
  read: readonly Part[] | undefined
  write: readonly Part[] | undefined
}

export const EVERYWHERE: Reach = { read: undefined, write: undefined }

/** What scopes say of the object store; null: nothing is limited. */
export function reachOf(scopes: readonly Scope[] | null): Reach {
  if (scopes === null) return EVERYWHERE
  const here = scopes.filter(({ service }) => service === 'all' || service === 'object-store')
  return { read: partsOf(here), write: partsOf(here.filter(({ readOnly }) => !readOnly)) }
}

function partsOf(scopes: readonly Scope[]): Part[] | undefined {
  if (scopes.some(({ container }) => container === undefined)) return undefined
  return scopes.map(({ container, prefix = '' }) => ({ container: container!, prefix }))
}

function refuse(): never {
  throw new Fault('forbidden', 'This token does not reach there.')
}

/** Refuses an account, or what is not in a container at all. Of an account whose parts are reached, those are shown. */
export function checkAccountReach(reach: Reach, right: Right): void {
  if (reach[right] !== undefined) refuse()
}

/** Refuses a container of which `part` (the whole of it, or at least something in it) is not reached. */
export function checkContainerReach(
  reach: Reach,
  userId: string,
  { account, container }: { account: string; container: string },
  right: Right,
  part: 'whole' | 'something',
): void {
  const parts = reach[right]
  if (parts === undefined) return
  const inIt = parts.filter((each) => each.container === container)
  const enough = part === 'whole' ? inIt.some(({ prefix }) => prefix === '') : inIt.length > 0
  if (account !== userId || !enough) refuse()
}

/** Refuses an object that is not reached. */
export function checkObjectReach(reach: Reach, userId: string, { account, container, name }: Place, right: Right): void {
  const parts = reach[right]
  if (parts === undefined) return
  const reached = parts.some((part) => part.container === container && name.startsWith(part.prefix))
  if (account !== userId || !reached) refuse()
}

/** Whether all objects are reached that a manifest in this account names by `container/prefix`. */
export function reachesBeginning({ read }: Reach, userId: string, account: string, value: string): boolean {
  if (read === undefined) return true
  return account === userId && read.some(({ container, prefix }) => value.startsWith(`${container}/${prefix}`))
}

/** For services that change objects, or who may read them, in the name of somebody: his token has to reach the object here too. */
export function checkReaches({ userId, scopes }: Pick<Caller, 'userId' | 'scopes'>, place: Place, right: Right): void {
  checkObjectReach(reachOf(scopes), userId, place, right)
}

/** The beginnings of names that a listing of the container may show; undefined: all. */
export function shownNames({ read }: Reach, container: string): string[] | undefined {
  const prefixes = read?.filter((part) => part.container === container).map(({ prefix }) => prefix)
  return prefixes?.includes('') ? undefined : prefixes
}

/** The containers that a listing may show, those of them that are reached as a whole apart; undefined: all. */
export function shownContainers({ read }: Reach): { names: string[]; whole: Set<string> } | undefined {
  if (read === undefined) return undefined
  const whole = read.filter(({ prefix }) => prefix === '').map(({ container }) => container)
  return { names: [...new Set(read.map(({ container }) => container))], whole: new Set(whole) }
}
