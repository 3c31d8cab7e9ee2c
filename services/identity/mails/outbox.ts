import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { insertMail } from '../store/mails.ts'
import type { MailText } from './texts.ts'

/** Puts a mail to each recipient into the outbox; the task `identity.send-mails` sends it after commit. */
export async function post(
  identity: Identity,
  tx: Tx,
  recipients: readonly string[],
  { subject, body }: MailText,
): Promise<void> {
  const sender = identity.settings.SERVER_EMAIL
  for (const recipient of new Set(recipients)) await insertMail(tx, { sender, recipient, subject, body })
  if (recipients.length > 0) tx.wakes('identity.send-mails')
}
