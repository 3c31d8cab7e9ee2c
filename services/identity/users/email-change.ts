// Another address for an account: asked for by its owner and confirmed from the new mailbox, or set by the operator.
import { randomBytes } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { mailPerson, uiUrl } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { hashSecret } from '../secrets.ts'
import { checkMaySignIn } from '../sessions/finish-sign-in.ts'
import type { Origin } from '../sessions/sessions.ts'
import { deleteEmailChange, findEmailChange, putEmailChange } from '../store/email-changes.ts'
import { deleteUnverified, findUserByEmail, type UserRow, updateUser } from '../store/users.ts'
import { checkEmail } from './create.ts'
import { checkStep, lockPerson } from './lifecycle.ts'

const DAY_MS = 86_400_000

/** Mails a link to the new address and word of it to the present one. An earlier request ends. */
export async function requestEmailChange(identity: Identity, tx: Tx, id: bigint, text: string): Promise<void> {
  if (!identity.settings.ASTAKOS_EMAILCHANGE_ENABLED)
    throw new Fault('forbidden', "Field 'email': addresses are not changed here. Ask the administrators of this cloud.")
  const newEmail = checkEmail(text)
  const user = await lockPerson(tx, id)
  checkStep(user, 'requestEmailChange')
  if (newEmail === user.email) throw new Fault('badRequest', "Field 'email': this is your address already")
  await checkFree(tx, newEmail)
  const key = randomBytes(20).toString('hex')
  await putEmailChange(tx, { userId: id, newEmail, keyHash: hashSecret(key) })
  const ec = { user: mailPerson(user), new_email_address: newEmail }
  await postMail(identity, tx, {
    to: [newEmail],
    template: 'registration/email_change_email_new_email.txt',
    variables: { ec, url: `${uiUrl(identity)}email_change/confirm/${key}` },
  })
  await postMail(identity, tx, {
    to: [user.email],
    template: 'registration/email_change_email_old_email.txt',
    variables: { ec },
  })
}

export type EmailChanged = 'changed' | 'expired' | 'taken'

/** Follows the link in the mail, which works without a session and with the owner's, but not with anybody else's. */
export async function confirmEmailChange(
  identity: Identity,
  key: string,
  sessionOf: Pick<UserRow, 'id'> | undefined,
  { address }: Origin,
): Promise<EmailChanged> {
  return identity.db.transaction(async (tx) => {
    const found = await findEmailChange(tx, hashSecret(key))
    if (!found) throw new Fault('itemNotFound', 'This link is not valid: it was used before, or another change was asked for.')
    if (sessionOf && sessionOf.id !== found.userId)
      throw new Fault('forbidden', 'This link is for somebody else than who is signed in here. Sign out first.')
    const user = await lockPerson(tx, found.userId)
    checkMaySignIn(user)
    if ((await deleteEmailChange(tx, user.id)) === 0) throw new Fault('itemNotFound', 'This link was used just now.')
    const outcome = await changeTo(identity, tx, user, found)
    const target = `user:${user.uuid}`
    const details = { from: user.email, to: found.newEmail }
    await audit(tx, {
      service: 'identity',
      actor: user.uuid,
      action: 'user-email-change',
      target,
      address,
      result: outcome,
      details,
    })
    return outcome
  })
}

async function changeTo(
  identity: Identity,
  tx: Tx,
  user: UserRow,
  { newEmail, requestedAt }: { newEmail: string; requestedAt: Date },
): Promise<EmailChanged> {
  const days = identity.settings.ASTAKOS_EMAILCHANGE_ACTIVATION_DAYS
  if (requestedAt.getTime() + days * DAY_MS < Date.now()) return 'expired'
  if ((await findUserByEmail(tx, newEmail))?.emailVerified) return 'taken'
  await replaceEmail(identity, tx, user, newEmail)
  return 'changed'
}

/** The operator's way: at once, while the account is not active. What its owner asked for ends. */
export async function setEmail(identity: Identity, tx: Tx, id: bigint, text: string): Promise<void> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'setEmail')
  await changeEmailNow(identity, tx, user, text)
}

/** Without asking whether the account is active; it is locked. */
export async function changeEmailNow(identity: Identity, tx: Tx, user: UserRow, text: string): Promise<void> {
  const email = checkEmail(text)
  if (email === user.email) return
  await checkFree(tx, email)
  await replaceEmail(identity, tx, user, email)
}

async function checkFree(tx: Tx, email: string): Promise<void> {
  if ((await findUserByEmail(tx, email))?.emailVerified)
    throw new Fault('conflict', `Field 'email': ${email} belongs to another account`)
}

/** Registrations of the address that nobody verified give way. */
async function replaceEmail(identity: Identity, tx: Tx, { id, uuid }: UserRow, email: string): Promise<void> {
  await deleteUnverified(tx, email, id)
  await deleteEmailChange(tx, id)
  try {
    await updateUser(tx, id, { email })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new Fault('conflict', `Field 'email': ${email} belongs to another account`, { cause: error })
  }
  personChanged(tx, uuid, identity)
}
