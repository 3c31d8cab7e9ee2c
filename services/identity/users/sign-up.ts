// Accounts that people make themselves. Whatever address is entered, the answer and the work are the same: what there
// is to know about an address is told by mail to whoever reads it.
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { mailPerson, uiUrl } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { hashSecret } from '../secrets.ts'
import { finishSignIn } from '../sessions/finish-sign-in.ts'
import type { NewSession, Origin } from '../sessions/sessions.ts'
import { findUser, findUserByEmail, findUserByVerification, type UserRow } from '../store/users.ts'
import { countAgainst, isWithin } from '../throttle.ts'
import { checkEmail, createUser } from './create.ts'
import { sendVerification, verifyUser } from './lifecycle.ts'
import { hashPassword } from './password-hash.ts'
import { checkNewPassword } from './passwords.ts'

export interface SignUp {
  email: string
  firstName: string
  lastName: string
  password: string
}

/** Makes an unverified account and mails the link that verifies it. An address that has an account gets a mail that says so. */
export async function signUp(identity: Identity, form: SignUp, { address }: Origin): Promise<void> {
  if (!identity.settings.ASTAKOS_SHOW_SIGNUP)
    throw new Fault('forbidden', 'This cloud is not open for sign-up. Ask its administrators.')
  const email = checkEmail(form.email)
  const firstName = checkName(form.firstName, 'firstName')
  const lastName = checkName(form.lastName, 'lastName')
  checkNewPassword(identity, form.password)
  await countFromAddress(identity, address)
  const passwordHash = await hashPassword(form.password)
  const maySend = await mayMail(identity, email)
  await identity.db.transaction(async (tx) => {
    const holder = await findUserByEmail(tx, email)
    if (holder?.emailVerified) {
      if (maySend) {
        await postMail(identity, tx, {
          to: [email],
          template: 'im/already_registered_email.txt',
          variables: { user: mailPerson(holder), url: `${uiUrl(identity)}login` },
        })
      }
      return
    }
    const user = await createUser(identity, tx, { email, firstName, lastName, passwordHash })
    await sendVerification(identity, tx, user.id)
    await audit(tx, { service: 'identity', actor: user.uuid, action: 'user-signup', target: `user:${user.uuid}`, address })
  })
}

/** Mails a new link when an account with this address waits for one. */
export async function resendVerification(identity: Identity, text: string, { address }: Origin): Promise<void> {
  const email = checkEmail(text)
  await countFromAddress(identity, address)
  if (!(await mayMail(identity, email))) return
  await identity.db.transaction(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (user && !user.emailVerified) await sendVerification(identity, tx, user.id)
  })
}

export interface Activation {
  user: UserRow
  /** Whether it may be signed in to, or an administrator has to agree first. */
  isActive: boolean
  /** Present when the person is signed in by it, as one who has a second factor is not. */
  session?: NewSession
}

/** Follows the link of a verification mail: the code is used up, and who may start is signed in. */
export async function activateByCode(identity: Identity, code: string, origin: Origin): Promise<Activation> {
  await countAgainst(identity.db, [{ key: ['activate', origin.address], atMost: 60, windowSeconds: 60 }])
  return identity.db.transaction(async (tx) => {
    const found = await findUserByVerification(tx, hashSecret(code))
    if (!found) throw new Fault('itemNotFound', 'This link is not valid: it was used before, or a newer one was sent.')
    const outcome = await verifyUser(identity, tx, found.id)
    const user = (await findUser(tx, found.id))!
    await audit(tx, {
      service: 'identity',
      actor: user.uuid,
      action: 'user-verify',
      target: `user:${user.uuid}`,
      address: origin.address,
      result: outcome,
    })
    if (outcome !== 'ACCEPTED') return { user, isActive: false }
    const signedIn = await finishSignIn(identity, tx, user, { module: 'activation' }, origin)
    return { user, isActive: true, ...('session' in signedIn ? { session: signedIn.session } : {}) }
  })
}

function countFromAddress({ db, settings }: Identity, address: string) {
  return countAgainst(db, [
    { key: ['signup', address], atMost: settings.ASTAKOS_RATELIMIT_SIGNUPS_PER_HOUR, windowSeconds: 3600 },
  ])
}

/** Nobody's mailbox is flooded by strangers: a few mails per address and hour, and silence beyond. */
function mayMail({ db }: Identity, email: string) {
  return isWithin(db, { key: ['mail', email], atMost: 5, windowSeconds: 3600 })
}

function checkName(text: string, field: string): string {
  const name = text.trim()
  if (name === '' || name.length > 150 || hasControlCharacter(name)) {
    throw new Fault('badRequest', `Field '${field}' must be a name of 1 to 150 characters`)
  }
  return name
}

const hasControlCharacter = (text: string) => /\p{Cc}/u.test(text)
