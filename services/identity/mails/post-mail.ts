import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { insertMail } from '../store/mails.ts'
import type { MailTemplate, MailVariables } from './mails.ts'
import { once } from './recipients.ts'

export interface Posting<Name extends MailTemplate> {
  /** Addresses; each gets a mail of its own. Nobody: nothing is written. */
  to: readonly string[]
  /** Also says which subject the mail has. */
  template: Name
  variables: MailVariables[Name]
}

/** Puts a mail to each recipient into the outbox; the task `identity.send-mails` sends it after commit. */
export async function postMail<Name extends MailTemplate>(
  identity: Identity,
  tx: Tx,
  { to, template, variables }: Posting<Name>,
): Promise<void> {
  const addresses = once(to).filter((address) => isOneAddress(address) || logStrange(identity, address))
  if (addresses.length === 0) return
  const { subject, body } = identity.mailTexts.render(template, variables)
  const sender = identity.settings.SERVER_EMAIL
  for (const recipient of addresses) await insertMail(tx, { sender, recipient, subject, body })
  tx.wakes('identity.send-mails')
}

/** One address, nothing that could be read as several, or as a header. */
const isOneAddress = (address: string) => /^[^\s@,;:<>"()]+@[^\s@,;:<>"()]+$/.test(address)

function logStrange({ log }: Identity, address: string): false {
  log.warn({ address }, 'this is no mail address: correct the setting that names it')
  return false
}
