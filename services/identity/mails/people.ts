// What mails say of people, and the addresses that they lead to.
import type { Identity } from '../identity.ts'
import type { UserRow } from '../store/users.ts'
import type { MailAccount, MailPerson } from './mails.ts'

export function mailPerson({
  email,
  uuid,
  firstName,
  lastName,
}: Pick<UserRow, 'email' | 'uuid' | 'firstName' | 'lastName'>): MailPerson {
  const realname = [firstName, lastName].filter(Boolean).join(' ') || email
  return { email, uuid, first_name: firstName, last_name: lastName, realname }
}

export function mailAccount(user: UserRow, provider: string): MailAccount {
  const { id, isActive, level, invitations, acceptedPolicy } = user
  return {
    ...mailPerson(user),
    id,
    is_active: isActive,
    level,
    invitations,
    accepted_policy: acceptedPolicy ?? '',
    provider,
  }
}

/** The start page, and where all links in mails begin. */
export const uiUrl = (identity: Identity) => `${identity.baseUrl()}/astakos/ui/`
