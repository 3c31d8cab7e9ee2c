import { commandsFor } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { INFINITE } from '../quota/arithmetic.ts'
import { findUser, findUserByUuid, type UserRow, usersByEmail } from '../store/users.ts'
import { parseQuantity, UNIT_STYLES, type UnitStyle } from '../wire/quantities.ts'

/** What the commands of identity are handed. */
export interface IdentityCommandContext {
  identity: Identity
}

export const defineCommand = commandsFor<IdentityCommandContext>()

/** The people that an id, uuid or e-mail address names; a verified one before unverified namesakes. Throws when there is none. */
export async function findPeople(db: Queryable, word: string): Promise<UserRow[]> {
  if (word.includes('@')) {
    const users = await usersByEmail(db, word)
    if (users.length > 0) return users
  }
  const user = /^\d{1,18}$/.test(word) ? await findUser(db, BigInt(word)) : await findUserByUuid(db, word)
  if (!user) throw new Fault('itemNotFound', `Unknown user with id|email '${word}'`)
  return [user]
}

export async function findPerson(db: Queryable, word: string): Promise<UserRow> {
  const [user] = await findPeople(db, word)
  return user!
}

/** Notes what an operator did on the command line. */
export function noteCommand(tx: Tx, action: string, target: string, details: Record<string, unknown> = {}): Promise<void> {
  return audit(tx, { service: 'identity', actor: 'snf-manage', action, target, details })
}

export function readQuantity(word: string): bigint {
  const quantity = parseQuantity(word)
  if (quantity === undefined)
    throw new Fault('badRequest', `'${word}' is no quantity: a number, perhaps with a unit such as GiB, or inf`)
  return quantity
}

export function readUnitStyle(word: string): UnitStyle {
  const style = UNIT_STYLES.find((each) => each === word)
  if (!style) throw new Fault('badRequest', `'${word}' is no unit style: one of ${UNIT_STYLES.join(', ')}`)
  return style
}

/** An address without a slash at the end; an empty word takes one away. */
export function readUrl(word: string): string | null {
  if (word === '') return null
  if (!URL.canParse(word) || !/^https?:\/\/[^\s?#]+$/.test(word)) {
    throw new Fault('badRequest', `'${word}' is no address such as https://cloud.example.org/cyclades`)
  }
  return word.replace(/\/+$/, '')
}

export function readSerial(word: string): bigint {
  const serial = /^\d{1,19}$/.test(word) ? BigInt(word) : INFINITE + 1n
  if (serial > INFINITE) throw new Fault('badRequest', `'${word}' is no serial: serials are whole numbers`)
  return serial
}

export function readSeconds(word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new Fault('badRequest', `'${word}' is no number of seconds`)
  return Number(word)
}
