// People bring people in: each has a number of invitations, which depends on how far from the operator he is.
import { randomBytes } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { mailPerson, uiUrl } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { hashSecret } from '../secrets.ts'
import type { Origin } from '../sessions/sessions.ts'
import {
  consumeInvitation,
  findInvitationByCode,
  type InvitationRow,
  insertInvitation,
  invitationsOf,
} from '../store/invitations.ts'
import { findUserByEmail, lockUser, type UserRow, updateUser } from '../store/users.ts'
import { checkEmail } from './create.ts'
import { invitationsAtLevel } from './levels.ts'
import { checkName } from './names.ts'

export function checkInvitationsEnabled({ settings }: Identity): void {
  if (!settings.ASTAKOS_INVITATIONS_ENABLED) throw new Fault('itemNotFound', 'There are no invitations in this cloud.')
}

/** Mails an invitation; it costs the inviter one of his. Whether the address has an account is told to nobody but its reader. */
export async function invite(
  identity: Identity,
  inviterId: bigint,
  form: { email: string; realname: string },
  { address }: Origin,
): Promise<void> {
  checkInvitationsEnabled(identity)
  const email = checkEmail(form.email)
  const realname = checkName(form.realname, 'realname')
  await identity.db.transaction(async (tx) => {
    const inviter = (await lockUser(tx, inviterId))!
    if (inviter.invitations < 1) throw new Fault('conflict', 'You have no invitations left.')
    const code = newCode()
    if (!(await insertInvitation(tx, { inviterId, realname, email, codeHash: hashSecret(code) })))
      throw new Fault('conflict', `${email} was invited before.`)
    await updateUser(tx, inviterId, { invitations: inviter.invitations - 1 })
    await mailInvitation(identity, tx, inviter, { email, realname, code })
    const target = `user:${inviter.uuid}`
    await audit(tx, { service: 'identity', actor: inviter.uuid, action: 'user-invite', target, address, details: { email } })
  })
}

/** A random number of 63 bits, as links have always carried it. */
const newCode = () => String(randomBytes(8).readBigUInt64BE() >> 1n)

async function mailInvitation(
  identity: Identity,
  tx: Tx,
  inviter: UserRow,
  { email, realname, code }: { email: string; realname: string; code: string },
): Promise<void> {
  const holder = await findUserByEmail(tx, email)
  if (holder?.emailVerified) {
    await postMail(identity, tx, {
      to: [email],
      template: 'im/already_registered_email.txt',
      variables: { user: mailPerson(holder), url: `${uiUrl(identity)}login` },
    })
    return
  }
  await postMail(identity, tx, {
    to: [email],
    template: 'im/invitation.txt',
    variables: {
      invitation: { inviter: mailPerson(inviter), realname, username: email, code },
      url: `${uiUrl(identity)}?code=${code}`,
    },
  })
}

export const sentInvitations = (db: Queryable, inviterId: bigint) => invitationsOf(db, inviterId)

/** Whom the link invites, to fill in the form; undefined when it was used, or is none. */
export async function invitationBehind(identity: Identity, code: string): Promise<InvitationRow | undefined> {
  checkInvitationsEnabled(identity)
  const invitation = await findInvitationByCode(identity.db, hashSecret(code))
  return invitation?.consumedAt === null ? invitation : undefined
}

/** The invited person verified the address: he stands one step farther from the operator than who invited him. */
export async function useInvitation(identity: Identity, tx: Tx, { id, email }: UserRow): Promise<boolean> {
  if (!identity.settings.ASTAKOS_INVITATIONS_ENABLED) return false
  const used = await consumeInvitation(tx, email)
  if (!used) return false
  const level = used.inviterLevel + 1
  await updateUser(tx, id, { level, invitations: invitationsAtLevel(identity.settings, level) })
  return true
}
