import { randomUUID } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { attachLogin, type Login, PASSWORD } from '../logins/links.ts'
import { joinGroup } from '../store/groups.ts'
import { latestTerms } from '../store/terms.ts'
import { deleteUnverified, emailsOf, findUserByEmail, insertUser, type UserRow } from '../store/users.ts'
import { renewClassicToken } from '../tokens/tokens.ts'
import { invitationsAtLevel } from './levels.ts'

export interface NewPerson {
  /** That the person had in an installation that is taken over; by default a new one. */
  uuid?: string | undefined
  email: string
  firstName: string
  lastName: string
  affiliation?: string
  /** As `hashPassword` answers it; null: no password works. */
  passwordHash: string | null
  /** Agreed to the newest terms of service. Where there are none, everybody did. */
  signedTerms?: boolean
  /** The way to sign in that the account is made with; a password unless said otherwise. */
  login?: Login
}

/** The address as it is stored and compared. Throws `badRequest` for what cannot be one. */
export function checkEmail(text: string): string {
  const email = text.trim().toLowerCase()
  // What HTML calls a valid address: practical, and nothing that would need quoting in a mail header.
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
  const valid = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]{1,64}@${label}(?:\\.${label})*$`).test(email)
  if (!valid || email.length > 254)
    throw new Fault('badRequest', `Field 'email': '${text.slice(0, 100)}' is not an e-mail address`)
  return email
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function checkUuid(uuid: string): void {
  if (!UUID.test(uuid)) throw new Fault('badRequest', `'${uuid.slice(0, 100)}' is no uuid in small letters`)
}

async function checkNewUuid(tx: Tx, uuid: string): Promise<void> {
  checkUuid(uuid)
  if ((await emailsOf(tx, [uuid])).length > 0) throw new Fault('conflict', `There is a person with the uuid ${uuid} already`)
}

/**
 * A new person: not verified, not active, with a way to sign in and a token that works once the account is active.
 * Registrations of the address that nobody verified give way. Throws `conflict` when somebody verified it.
 */
export async function createUser(identity: Identity, tx: Tx, person: NewPerson): Promise<UserRow> {
  const email = checkEmail(person.email)
  if ((await findUserByEmail(tx, email))?.emailVerified)
    throw new Fault('conflict', `There is an account with the address ${email} already`)
  await deleteUnverified(tx, email)
  if (person.uuid !== undefined) await checkNewUuid(tx, person.uuid)
  const { signedTerms: signed = false } = person
  const level = identity.settings.ASTAKOS_DEFAULT_USER_LEVEL
  const user = await insertUser(tx, {
    uuid: person.uuid ?? randomUUID(),
    email,
    firstName: person.firstName,
    lastName: person.lastName,
    affiliation: person.affiliation ?? '',
    passwordHash: person.passwordHash,
    hasSignedTerms: signed || (await latestTerms(tx)) === undefined,
    signedTermsAt: signed ? new Date() : null,
    level,
    invitations: invitationsAtLevel(identity.settings, level),
  })
  await joinGroup(tx, user.id, 'default')
  await attachLogin(identity, tx, user, person.login ?? PASSWORD, { isFirst: true })
  await renewClassicToken(identity, tx, user)
  return user
}
