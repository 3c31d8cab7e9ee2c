// Accounts that people make themselves. Whatever address is entered, the answer and the work are the same: what there
// is to know about an address is told by mail to whoever reads it.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { policiesFor } from '../logins/policies.ts'
import { mailPerson, uiUrl } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { hashSecret } from '../secrets.ts'
import { finishSignIn, type SecondStep, type Started } from '../sessions/finish-sign-in.ts'
import type { NewSession, Origin } from '../sessions/sessions.ts'
import { findUser, findUserByEmail, findUserByUuid, findUserByVerification, type UserRow } from '../store/users.ts'
import { checkTermsAgreed } from '../terms/terms.ts'
import { countAgainst } from '../throttle.ts'
import { checkVisitor, type Shown } from '../visitors/check.ts'
import { checkEmail, createUser } from './create.ts'
import { invitationBehind } from './invitations.ts'
import { sendVerification, verifyUser } from './lifecycle.ts'
import { countSignUp, evenly, mayMail } from './mail-limits.ts'
import { checkName } from './names.ts'
import { hashPassword } from './password-hash.ts'
import { checkNewPassword } from './passwords.ts'
import { readReference } from './registration-reference.ts'

export interface SignUp {
  email: string
  firstName: string
  lastName: string
  password: string
  /** Agreed to the terms of service, where there are any. */
  hasSignedTerms?: boolean
  /** Of the invitation that led here. */
  code?: string
}

type Visiting<Form> = Form & Shown

export type SignedUp =
  /** A mail is on its way; also said of addresses that have an account. */
  { state: 'verification' } | { state: 'pending moderation' } | { state: 'active'; signedIn: Started | SecondStep }

/** Makes an unverified account and mails the link that verifies it. An address that has an account gets a mail that says so. */
export async function signUp(identity: Identity, form: Visiting<SignUp>, origin: Origin): Promise<SignedUp> {
  const { address } = origin
  const email = checkEmail(form.email)
  await checkMaySignUp(identity, email, form.code)
  const firstName = checkName(form.firstName, 'firstName')
  const lastName = checkName(form.lastName, 'lastName')
  checkNewPassword(identity, form.password)
  await checkTermsAgreed(identity.db, form.hasSignedTerms ?? false)
  await checkVisitor(identity, form, address)
  await countSignUp(identity, address)
  const policies = (await policiesFor(identity, identity.db))('local')
  if (!policies.create) throw new Fault('forbidden', 'Accounts are not made with a password here.')
  const passwordHash = await hashPassword(form.password)
  const maySend = await mayMail(identity, email)
  return identity.db.transaction(async (tx): Promise<SignedUp> => {
    const holder = await findUserByEmail(tx, email)
    if (holder?.emailVerified) {
      if (maySend) await mailAlreadyRegistered(identity, tx, holder)
      return { state: 'verification' }
    }
    const signedTerms = form.hasSignedTerms ?? false
    const user = await createUser(identity, tx, { email, firstName, lastName, passwordHash, signedTerms })
    await audit(tx, { service: 'identity', actor: user.uuid, action: 'user-signup', target: `user:${user.uuid}`, address })
    if (!policies.autoverify) {
      await sendVerification(identity, tx, user.id)
      return { state: 'verification' }
    }
    if ((await verifyUser(identity, tx, user.id)) !== 'ACCEPTED') return { state: 'pending moderation' }
    return { state: 'active', signedIn: await finishSignIn(identity, tx, user, { module: 'local' }, origin) }
  })
}

/** A cloud that shows no sign-up lets in those who were invited. */
async function checkMaySignUp(identity: Identity, email: string, code: string | undefined): Promise<void> {
  const { ASTAKOS_SHOW_SIGNUP: isOpen, ASTAKOS_INVITATIONS_ENABLED: inviting } = identity.settings
  if (isOpen) return
  const invitation = inviting && code ? await invitationBehind(identity, code) : undefined
  if (invitation?.email !== email) throw new Fault('forbidden', 'This cloud is not open for sign-up. Ask its administrators.')
}

/** Tells the reader of the address that he has an account. */
export function mailAlreadyRegistered(identity: Identity, tx: Tx, holder: UserRow): Promise<void> {
  return postMail(identity, tx, {
    to: [holder.email],
    template: 'im/already_registered_email.txt',
    variables: { user: mailPerson(holder), url: `${uiUrl(identity)}login` },
  })
}

/** Mails a new link when an account with this address waits for one. */
export async function resendVerification(
  identity: Identity,
  form: Visiting<{ email: string }>,
  { address }: Origin,
): Promise<void> {
  const email = checkEmail(form.email)
  await checkVisitor(identity, form, address)
  await countSignUp(identity, address)
  await evenly(() => mailAgain(identity, email))
}

/** Follows a link that has the mail sent again. Whatever it names, the answer is the same. */
export async function resendByReference(identity: Identity, reference: string, { address }: Origin): Promise<void> {
  await countSignUp(identity, address)
  const uuid = readReference(identity, reference)
  if (uuid === undefined) return
  const user = await findUserByUuid(identity.db, uuid)
  if (user && !user.emailVerified) await mailAgain(identity, user.email)
}

async function mailAgain(identity: Identity, email: string): Promise<void> {
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
