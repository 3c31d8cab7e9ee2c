// Accounts that a program of the operator makes and keeps up to date: he vouches for them, so nobody is asked or mailed.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { type Identity, personChanged } from '../identity.ts'
import { PASSWORD } from '../logins/links.ts'
import { setLocalInfo } from '../store/auth-providers.ts'
import { type UserRow, updateUser } from '../store/users.ts'
import { showClassicToken } from '../tokens/tokens.ts'
import { createUser } from './create.ts'
import { changeEmailNow } from './email-change.ts'
import { admitUser, lockPerson } from './lifecycle.ts'
import { checkName } from './names.ts'
import { hashPassword } from './password-hash.ts'
import { checkNewPassword, generatePassword, setPassword } from './passwords.ts'

/** What is to be true of an account; what is not named stays. */
export interface UserForm {
  email?: string
  firstName?: string
  lastName?: string
  password?: string
  affiliation?: string
  /** Kept beside the password login, for the program that made the account. */
  metadata?: Record<string, unknown>
}

/** Written in the same transaction. */
type Note = (tx: Tx, user: UserRow) => Promise<void>

export interface MadeUser {
  user: UserRow
  password: string
  /** The classic token. */
  token: string
}

/** An account that is verified, accepted and active at once; without a password one is made up. */
export async function makeUser(identity: Identity, form: UserForm, note: Note): Promise<MadeUser> {
  const { email, firstName, lastName, affiliation = '', metadata = {} } = form
  if (email === undefined) throw missing('username')
  if (firstName === undefined) throw missing('first_name')
  if (lastName === undefined) throw missing('last_name')
  const password = form.password ?? generatePassword()
  checkNewPassword(identity, password)
  const names = { firstName: checkName(firstName, 'first_name'), lastName: checkName(lastName, 'last_name') }
  const passwordHash = await hashPassword(password)
  return identity.db.transaction(async (tx) => {
    const login = { ...PASSWORD, affiliation, info: metadata }
    const user = await createUser(identity, tx, { email, ...names, affiliation, passwordHash, signedTerms: true, login })
    await admitUser(identity, tx, user.id)
    await note(tx, user)
    return { user, password, token: (await showClassicToken(identity, tx, user)).secret }
  })
}

const missing = (field: string) => new Fault('badRequest', `Field '${field}' is missing`)

export async function updateUserByForm(identity: Identity, id: bigint, form: UserForm, note: Note): Promise<void> {
  const { firstName, lastName, affiliation } = form
  if (form.password !== undefined) checkNewPassword(identity, form.password)
  const names = {
    ...(firstName === undefined ? {} : { firstName: checkName(firstName, 'first_name') }),
    ...(lastName === undefined ? {} : { lastName: checkName(lastName, 'last_name') }),
  }
  const passwordHash = form.password === undefined ? undefined : await hashPassword(form.password)
  await identity.db.transaction(async (tx) => {
    const user = await lockPerson(tx, id)
    if (form.email !== undefined) await changeEmailNow(identity, tx, user, form.email)
    await updateUser(tx, id, { ...names, affiliation })
    if (form.metadata) await setLocalInfo(tx, id, form.metadata)
    if (passwordHash !== undefined) await setPassword(identity, tx, user, passwordHash)
    await note(tx, user)
    personChanged(tx, user.uuid, identity)
  })
}
