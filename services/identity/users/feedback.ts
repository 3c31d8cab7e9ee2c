// What people write to those who run the cloud.
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { postMail } from '../mails/post-mail.ts'
import { recipients } from '../mails/recipients.ts'
import type { Origin } from '../sessions/sessions.ts'
import { emailsOfGroup } from '../store/groups.ts'
import { countAgainst } from '../throttle.ts'
import { ADMINISTRATORS } from './administrators.ts'

export interface Feedback {
  message: string
  /** What the client knows of its own state. */
  data: string
}

/** Who writes; without a uuid somebody who is not signed in, whose address is only what he says. */
export interface Writer {
  uuid: string
  email: string
}

const LONGEST = 20_000
const ADMINISTRATORS_AT_MOST = 20

/**
 * Queues the mail for those whom the settings name, else for the administrators. Once it is queued it will arrive, so a
 * mail server that is down is no failure; nobody to write to is one.
 */
export async function sendFeedback(identity: Identity, writer: Writer, feedback: Feedback, { address }: Origin): Promise<void> {
  const message = feedback.message.trim()
  if (message === '' || message.length > LONGEST)
    throw new Fault('badRequest', `Field 'message': a message of 1 to ${LONGEST} characters is needed`)
  await countAgainst(identity.db, [
    { key: ['feedback', writer.uuid || address], atMost: 20, windowSeconds: 3600 },
    { key: ['feedback from', address], atMost: 60, windowSeconds: 3600 },
  ])
  await identity.db.transaction(async (tx) => {
    const named = recipients(identity.settings, 'FEEDBACK_NOTIFICATIONS_RECIPIENTS')
    const to = named.length > 0 ? named : await emailsOfGroup(tx, ADMINISTRATORS, ADMINISTRATORS_AT_MOST)
    if (to.length === 0) throw new Fault('serviceUnavailable', 'Nobody is set who could be told. Contact the administrators.')
    const variables = { message, data: feedback.data.slice(0, LONGEST), user: { uuid: writer.uuid, email: writer.email } }
    await postMail(identity, tx, { to, template: 'im/feedback_mail.txt', variables })
    const actor = writer.uuid || 'visitor'
    await audit(tx, { service: 'identity', actor, action: 'feedback-send', target: `user:${actor}`, address })
  })
}
