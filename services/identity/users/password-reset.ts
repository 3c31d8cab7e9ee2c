// A forgotten password. Whoever asks gets the same answer; what there is to know is told by mail. The link holds a proof
// over what the account is now, so that it ends with the next login or password, and nothing is stored.
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { mailPerson, uiUrl } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { whyNot } from '../sessions/finish-sign-in.ts'
import type { Origin } from '../sessions/sessions.ts'
import { findUser, findUserByEmail, type UserRow } from '../store/users.ts'
import { countAgainst } from '../throttle.ts'
import { checkVisitor, type Shown } from '../visitors/check.ts'
import { checkEmail } from './create.ts'
import { lockPerson } from './lifecycle.ts'
import { countSignUp, evenly, mayMail } from './mail-limits.ts'
import { hashPassword } from './password-hash.ts'
import { checkNewPassword, localLoginOf, setPassword } from './passwords.ts'

const VALID_MS = 3 * 86_400_000

export async function requestPasswordReset(
  identity: Identity,
  form: { email: string } & Shown,
  { address }: Origin,
): Promise<void> {
  const email = checkEmail(form.email)
  await checkVisitor(identity, form, address)
  await countSignUp(identity, address)
  await evenly(() => mailResetLink(identity, email, address))
}

async function mailResetLink(identity: Identity, email: string, address: string): Promise<void> {
  if (!(await mayMail(identity, email))) return
  await identity.db.transaction(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (!user) return
    const reason = await whyNoPassword(identity, user)
    const common = { email, user: mailPerson(user) }
    if (reason === undefined) {
      const url = `${uiUrl(identity)}local/reset/confirm/${encodeId(user.id)}/${resetToken(identity, user, Date.now())}/`
      await postMail(identity, tx, { to: [email], template: 'registration/password_email.txt', variables: { ...common, url } })
    } else {
      const variables = { ...common, reason }
      await postMail(identity, tx, { to: [email], template: 'registration/password_unavailable_email.txt', variables })
    }
    const target = `user:${user.uuid}`
    const result = reason === undefined ? 'done' : `refused: ${reason}`
    await audit(tx, { service: 'identity', actor: user.uuid, action: 'user-password-forgotten', target, address, result })
  })
}

/** In words for the owner of the account. */
async function whyNoPassword(identity: Identity, user: UserRow): Promise<string | undefined> {
  const refusal = whyNot(user)
  if (refusal) return refusal
  const { exists, mayAdd } = await localLoginOf(identity, identity.db, user.id)
  return exists || mayAdd ? undefined : 'You sign in in another way, and your account may not have a password beside it.'
}

export interface ResetLink {
  /** The two parts of the address. */
  id: string
  token: string
}

/** Whose link this is; undefined when it does not work, or not any more. */
export async function personOfResetLink(identity: Identity, link: ResetLink): Promise<UserRow | undefined> {
  const id = decodeId(link.id)
  const user = id === undefined ? undefined : await findUser(identity.db, id)
  return user && isGood(identity, user, link.token) ? user : undefined
}

/** Uses the link up. Whoever was signed in is signed out, everywhere. */
export async function resetPassword(
  identity: Identity,
  link: ResetLink,
  { password, renewToken = true }: { password: string; renewToken?: boolean },
  { address }: Origin,
): Promise<void> {
  checkNewPassword(identity, password)
  await countAgainst(identity.db, [{ key: ['password reset', address], atMost: 30, windowSeconds: 600 }])
  const found = await personOfResetLink(identity, link)
  if (!found) throw notGood()
  const passwordHash = await hashPassword(password)
  await identity.db.transaction(async (tx) => {
    const user = await lockPerson(tx, found.id)
    if (!isGood(identity, user, link.token)) throw notGood()
    const { exists, mayAdd } = await localLoginOf(identity, tx, user.id)
    if (!exists && !mayAdd) throw new Fault('forbidden', 'This account may not have a password.')
    await setPassword(identity, tx, user, passwordHash, { renewToken })
    const target = `user:${user.uuid}`
    await audit(tx, { service: 'identity', actor: user.uuid, action: 'user-password-reset', target, address })
  })
}

const notGood = () =>
  new Fault('itemNotFound', 'This link does not work: it was used before, or is older than three days. Ask for a new one.')

const isGood = (identity: Identity, user: UserRow, token: string) => {
  const at = Number.parseInt(/^([0-9a-z]{1,10})-/.exec(token)?.[1] ?? '', 36)
  if (Number.isNaN(at) || whyNot(user) !== undefined) return false
  const isRecent = at <= Date.now() && at + VALID_MS > Date.now()
  return isRecent && identity.keys.isSigned(proven(user, at), token.slice(token.indexOf('-') + 1))
}

const resetToken = ({ keys }: Identity, user: UserRow, at: number) => `${at.toString(36)}-${keys.sign(proven(user, at))}`

/** What changes with the next login, password or address, so that the proof fails afterwards. */
const proven = ({ uuid, email, passwordHash, lastLoginAt }: UserRow, at: number) =>
  JSON.stringify(['password reset', uuid, email, passwordHash, lastLoginAt?.toISOString() ?? null, at])

const encodeId = (id: bigint) => Buffer.from(String(id)).toString('base64url')

function decodeId(text: string): bigint | undefined {
  const digits = Buffer.from(text, 'base64url').toString('latin1')
  return /^\d{1,18}$/.test(digits) ? BigInt(digits) : undefined
}
