// The life of an account, as spec and operators know it: created, verified (the address is theirs), accepted (by rule
// or by a moderator), active; perhaps rejected, or deactivated and back. Each step is refused, with the reason, when it
// does not follow from where the account is.
import { randomUUID } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { automoderatedBy } from '../logins/policies.ts'
import { mailAccount, mailPerson, uiUrl } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { recipients } from '../mails/recipients.ts'
import { resumeProjectsOf, suspendProjectsOf } from '../projects/of-person.ts'
import { createSystemProject } from '../projects/system-projects.ts'
import { hashSecret } from '../secrets.ts'
import { authProvidersOf, VERIFIED_IDENTITY } from '../store/auth-providers.ts'
import { deleteSystemProject, findProjectByUuid } from '../store/projects.ts'
import { deleteSessionsOf } from '../store/sessions.ts'
import { deleteUnverified, deleteUser, lockUser, type UserRow, updateUser } from '../store/users.ts'
import { refusalOf, stageOf, type UserStep } from '../wire/user-lifecycle.ts'
import { useInvitation } from './invitations.ts'

export type Accepted = 'manual' | 'auto_moderation' | 'email' | 'already_moderated' | `auth_provider_${string}` | 'invitation'

/** Locks the person for what follows; throws `itemNotFound`. */
export async function lockPerson(tx: Tx, id: bigint): Promise<UserRow> {
  const user = await lockUser(tx, id)
  if (!user) throw new Fault('itemNotFound', `There is no user ${id}`)
  return user
}

export function refuse(user: UserRow, reason: string): never {
  throw new Fault('conflict', `${user.email}: ${reason}`)
}

/** Throws `conflict`, with the reason, when the step does not follow from where the account is. */
export function checkStep(user: UserRow, step: UserStep): void {
  const reason = refusalOf(step, stageOf(user))
  if (reason) refuse(user, reason)
}

/** Mails a new link; the one mailed before ends. */
export async function sendVerification(identity: Identity, tx: Tx, id: bigint): Promise<void> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'sendVerification')
  const code = randomUUID()
  await updateUser(tx, id, { verificationHash: hashSecret(code), activationSentAt: new Date() })
  await audit(tx, { service: 'identity', actor: user.uuid, action: 'user-verification-send', target: `user:${user.uuid}` })
  const next = encodeURIComponent(uiUrl(identity))
  await postMail(identity, tx, {
    to: [user.email],
    template: 'im/activation_email.txt',
    variables: { user: mailPerson(user), url: `${uiUrl(identity)}activate?auth=${code}&next=${next}` },
  })
}

export type Verified = 'ACCEPTED' | 'PENDING_MODERATION'

/** The address is theirs. Accepts the account too when a rule says so. */
export async function verifyUser(identity: Identity, tx: Tx, id: bigint): Promise<Verified> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'verify')
  await markVerified(tx, user)
  const isInvited = await useInvitation(identity, tx, user)
  const policy = await acceptedBy(identity, tx, user, isInvited)
  if (policy) {
    await acceptUser(identity, tx, id, policy)
    return 'ACCEPTED'
  }
  await postMail(identity, tx, {
    to: recipients(identity.settings, 'ACCOUNT_PENDING_MODERATION_RECIPIENTS'),
    template: 'im/account_pending_moderation_notification.txt',
    variables: { user: mailAccount(user, await firstProviderOf(tx, id)) },
  })
  return 'PENDING_MODERATION'
}

/** The address is theirs: other registrations of it give way. */
async function markVerified(tx: Tx, user: UserRow): Promise<void> {
  await deleteUnverified(tx, user.email, user.id)
  try {
    await updateUser(tx, user.id, { emailVerified: true, verifiedAt: new Date(), verificationHash: null })
  } catch (error) {
    if (isUniqueViolation(error, 'users_verified_email')) refuse(user, 'the address belongs to another account')
    if (isUniqueViolation(error, VERIFIED_IDENTITY)) refuse(user, 'the way to sign in belongs to another account')
    throw error
  }
}

/** The rule by which a verified account needs no moderator. */
async function acceptedBy(identity: Identity, tx: Tx, user: UserRow, isInvited: boolean): Promise<Accepted | undefined> {
  const { settings } = identity
  if (isAccepted(user)) return 'already_moderated'
  if (!settings.ASTAKOS_MODERATION_ENABLED) return 'auto_moderation'
  const patterns = settings.ASTAKOS_RE_USER_EMAIL_PATTERNS
  if (patterns.some((pattern) => new RegExp(`^(?:${pattern})`).test(user.email))) return 'email'
  const module = await automoderatedBy(identity, tx, user.id)
  if (module) return `auth_provider_${module}`
  return isInvited ? 'invitation' : undefined
}

/** The way to sign in that the account was made with, for mails. */
async function firstProviderOf(tx: Tx, id: bigint): Promise<string> {
  const links = await authProvidersOf(tx, id)
  return (links.find(({ isActive }) => isActive) ?? links[0])?.module ?? ''
}

/** Lets the person in, with the usual mails. */
export async function acceptUser(identity: Identity, tx: Tx, id: bigint, policy: Accepted): Promise<void> {
  const user = await letIn(identity, tx, id, policy)
  await postMail(identity, tx, {
    to: [user.email],
    template: 'im/welcome_email.txt',
    variables: { user: mailPerson(user), url: uiUrl(identity) },
  })
  await postMail(identity, tx, {
    to: recipients(identity.settings, 'ACCOUNT_ACTIVATED_RECIPIENTS'),
    template: 'im/account_activated_notification.txt',
    variables: { user: mailAccount({ ...user, acceptedPolicy: policy, isActive: true }, await firstProviderOf(tx, id)) },
  })
}

/** Verifies and lets in somebody whom the operator vouches for. No mail is written. */
export async function admitUser(identity: Identity, tx: Tx, id: bigint): Promise<void> {
  const user = await lockPerson(tx, id)
  if (!user.emailVerified) await markVerified(tx, user)
  await letIn(identity, tx, id, 'manual')
}

/** A project of his own with the default limits, then activation. */
async function letIn(identity: Identity, tx: Tx, id: bigint, policy: Accepted): Promise<UserRow> {
  const user = await lockPerson(tx, id)
  if (policy !== 'already_moderated') checkStep(user, 'accept')
  await updateUser(tx, id, {
    moderated: true,
    moderatedAt: user.moderatedAt ?? new Date(),
    moderatedData: snapshotOf(user),
    isRejected: false,
    rejectedReason: '',
    acceptedPolicy: user.acceptedPolicy ?? policy,
    acceptedEmail: user.acceptedEmail ?? user.email,
    defaultProject: user.uuid,
  })
  if (!(await findProjectByUuid(tx, user.uuid))) await createSystemProject(tx, user)
  await activateUser(identity, tx, id)
  return user
}

export async function activateUser(identity: Identity, tx: Tx, id: bigint): Promise<void> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'activate')
  await updateUser(tx, id, { isActive: true, deactivatedReason: '', deactivatedAt: null })
  await resumeProjectsOf(identity, tx, id)
  personChanged(tx, user.uuid, identity)
}

/** Shuts the person out and puts what he has on hold; his sessions end. */
export async function deactivateUser(identity: Identity, tx: Tx, id: bigint, reason: string): Promise<void> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'deactivate')
  await updateUser(tx, id, { isActive: false, deactivatedReason: reason, deactivatedAt: new Date() })
  await suspendProjectsOf(identity, tx, id)
  await deleteSessionsOf(tx, id)
  personChanged(tx, user.uuid, identity)
}

export async function rejectUser(identity: Identity, tx: Tx, id: bigint, reason: string): Promise<void> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'reject')
  await updateUser(tx, id, {
    moderated: true,
    moderatedAt: new Date(),
    moderatedData: snapshotOf(user),
    isRejected: true,
    rejectedReason: reason,
  })
  personChanged(tx, user.uuid, identity)
}

/** Removes an account that was never let in, with everything that is its own. */
export async function removeUser(identity: Identity, tx: Tx, id: bigint): Promise<void> {
  const user = await lockPerson(tx, id)
  checkStep(user, 'remove')
  if (isAccepted(user)) refuse(user, 'the account was accepted before; it can be deactivated, not deleted')
  await deleteSystemProject(tx, user.uuid)
  await deleteUser(tx, id)
  personChanged(tx, user.uuid, identity)
}

/** Whether it was decided that the account may be used, whatever happened since. */
const isAccepted = ({ moderated, isRejected }: UserRow) => moderated && !isRejected

/** What is kept of the account as it was when somebody decided about it: nothing secret. */
const snapshotOf = ({ passwordHash: _, ...known }: UserRow) => known
