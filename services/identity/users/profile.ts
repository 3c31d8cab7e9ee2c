// What people see and change of their own account: names, address and password in one form, a word on each.
import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { PROOF_REQUIRED, requireFreshProof } from '../factors/proof.ts'
import { type Identity, personChanged } from '../identity.ts'
import { type Field, fixedFields } from '../logins/claims.ts'
import type { Origin } from '../sessions/sessions.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { deleteEmailChange, emailChangeOf } from '../store/email-changes.ts'
import { findUser, type UserRow, updateUser } from '../store/users.ts'
import { countAgainst } from '../throttle.ts'
import type { Principal } from '../tokens/authenticate.ts'
import { isLoginModule } from '../wire/login-modules.ts'
import { requestEmailChange } from './email-change.ts'
import { checkName } from './names.ts'
import { changePassword, localLoginOf, type PasswordChange } from './passwords.ts'

export interface Profile {
  user: UserRow
  /** What a way to sign in decides: its word goes, and the person cannot change it. */
  fixed: readonly Field[]
  /** The new address that waits to be confirmed. */
  pendingEmail: string | null
  mayChangeEmail: boolean
  password: 'has' | 'may be added' | 'not allowed'
}

/** Looking at it is what new people are sent here for. */
export async function showProfile(identity: Identity, person: Principal): Promise<Profile> {
  const { db, settings } = identity
  if (!person.hasSeenProfile) {
    await db.transaction(async (tx) => {
      await updateUser(tx, person.id, { hasSeenProfile: true })
      personChanged(tx, person.uuid, identity)
    })
  }
  const user = (await findUser(db, person.id))!
  const fixed = await fixedFieldsOf(identity, db, user.id)
  const { exists, mayAdd } = await localLoginOf(identity, db, user.id)
  return {
    user,
    fixed,
    pendingEmail: (await emailChangeOf(db, user.id))?.newEmail ?? null,
    mayChangeEmail: settings.ASTAKOS_EMAILCHANGE_ENABLED && !fixed.includes('email'),
    password: exists ? 'has' : mayAdd ? 'may be added' : 'not allowed',
  }
}

export interface ProfileChange {
  names?: { firstName: string; lastName: string }
  email?: string
  password?: PasswordChange
}

export type ProfilePart = keyof ProfileChange

/** What became of each part that was sent: done, or why not. */
export type ProfileOutcome = Partial<
  Record<ProfilePart, { done: true; message: string } | { done: false; message: string; status: number }>
>

/** Each part stands for itself: a refused one does not hold up the others. */
export async function changeProfile(
  identity: Identity,
  person: Principal,
  change: ProfileChange,
  origin: Origin,
): Promise<ProfileOutcome> {
  const parts: Record<ProfilePart, () => Promise<string>> = {
    names: async () => {
      await changeNames(identity, person, change.names!, origin)
      return 'Your name was changed.'
    },
    // Before the address: a new password ends a change of address that waits.
    password: async () => {
      await changePassword(identity, person, change.password!, origin)
      return 'Your password was changed. Your other sessions have ended.'
    },
    email: async () => {
      await askForEmailChange(identity, person, change.email!, origin)
      return `A mail with a link that confirms the change was sent to ${change.email!.trim()}.`
    },
  }
  const outcome: ProfileOutcome = {}
  // Asked for before any part: the whole form comes again with it, and the old password would not be right any more.
  if (change.email !== undefined && change.password !== undefined) await requireFreshProof(identity, identity.db, person)
  for (const part of Object.keys(parts) as ProfilePart[]) {
    if (change[part] === undefined) continue
    try {
      outcome[part] = { done: true, message: await parts[part]() }
    } catch (error) {
      if (!(error instanceof Fault) || error.code >= 500 || error.details === PROOF_REQUIRED) throw error
      outcome[part] = { done: false, message: error.message, status: error.code }
    }
  }
  return outcome
}

async function changeNames(
  identity: Identity,
  { id, uuid }: Principal,
  names: { firstName: string; lastName: string },
  { address }: Origin,
): Promise<void> {
  const firstName = checkName(names.firstName, 'firstName')
  const lastName = checkName(names.lastName, 'lastName')
  await identity.db.transaction(async (tx) => {
    const user = (await findUser(tx, id))!
    const fixed = await fixedFieldsOf(identity, tx, id)
    for (const [field, value] of [
      ['firstName', firstName],
      ['lastName', lastName],
    ] as const) {
      if (fixed.includes(field) && value !== user[field])
        throw new Fault('forbidden', `Field '${field}': this is set by the way you sign in, and cannot be changed here`)
    }
    await updateUser(tx, id, { firstName, lastName })
    await audit(tx, {
      service: 'identity',
      actor: uuid,
      action: 'user-modify',
      target: `user:${uuid}`,
      address,
      details: { names: true },
    })
    personChanged(tx, uuid, identity)
  })
}

async function askForEmailChange(identity: Identity, person: Principal, email: string, { address }: Origin): Promise<void> {
  const { id, uuid } = person
  if ((await fixedFieldsOf(identity, identity.db, id)).includes('email'))
    throw new Fault('forbidden', "Field 'email': this is set by the way you sign in, and cannot be changed here")
  await requireFreshProof(identity, identity.db, person)
  await countAgainst(identity.db, [{ key: ['email change', uuid], atMost: 5, windowSeconds: 3600 }])
  await identity.db.transaction(async (tx) => {
    await requestEmailChange(identity, tx, id, email)
    await audit(tx, { service: 'identity', actor: uuid, action: 'user-email-request', target: `user:${uuid}`, address })
  })
}

/** Takes a wish for another address back. */
export async function cancelEmailChange(identity: Identity, { id, uuid }: Principal, { address }: Origin): Promise<void> {
  await identity.db.transaction(async (tx) => {
    if ((await deleteEmailChange(tx, id)) === 0) throw new Fault('itemNotFound', 'No change of the address is waiting.')
    await audit(tx, { service: 'identity', actor: uuid, action: 'user-email-cancel', target: `user:${uuid}`, address })
  })
}

/** The details that a linked way to sign in fixes. */
async function fixedFieldsOf({ settings }: Identity, db: Queryable, userId: bigint): Promise<Field[]> {
  const links = await authProvidersOf(db, userId)
  const fixed = links.flatMap(({ module, isActive }) =>
    isActive && isLoginModule(module) && module !== 'local' ? fixedFields(settings, module) : [],
  )
  return [...new Set(fixed)]
}
