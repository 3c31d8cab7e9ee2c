import type { Tx } from '@synnefo/lib/sql'
import { audit } from '../audit.ts'
import { type Identity, personChanged } from '../identity.ts'
import { mailPerson } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import type { UserRow } from '../store/users.ts'

export interface Notice {
  /** For the record: verb and noun. */
  action: string
  /** For the owner: a sentence. */
  what: string
  /** Where it came from, when it came over the network. */
  address?: string
  /** Who did it, when it was not the owner. */
  actor?: string
  details?: Record<string, unknown>
}

/** Puts a change of what protects an account on record and tells its owner, who may not be the one who made it. */
export async function noticeOf(
  identity: Identity,
  tx: Tx,
  user: Pick<UserRow, 'uuid' | 'email' | 'firstName' | 'lastName'>,
  { action, what, address = '', actor = user.uuid, details = {} }: Notice,
): Promise<void> {
  await audit(tx, { service: 'identity', actor, action, target: `user:${user.uuid}`, address, details })
  await postMail(identity, tx, {
    to: [user.email],
    template: 'im/security_change.txt',
    variables: { user: mailPerson(user), change: what, address, url: `${identity.baseUrl()}/security` },
  })
  personChanged(tx, user.uuid, identity)
}
