import type { People } from '@synnefo/lib/commands'
import type { Queryable } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { emailsOf, findUserByEmail } from '../store/users.ts'

/** For lists of things that people own: who is behind an address, and which address somebody has. */
export function peopleDirectory({ db }: Identity): People {
  return {
    uuidOf: async (email) => (await findUserByEmail(db, email))?.uuid,
    emailsOf: async (uuids) => new Map((await emailsOf(db, uuids)).map(({ uuid, email }) => [uuid, email])),
  }
}

/** Of these ids, those of people that there are. */
export async function existingUsers(q: Queryable, uuids: readonly string[]): Promise<Set<string>> {
  return new Set(uuids.length === 0 ? [] : (await emailsOf(q, uuids)).map(({ uuid }) => uuid))
}
