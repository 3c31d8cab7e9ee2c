// What the mails say. One function per mail; its parameters are what the mail may speak of.
import type { Identity } from '../identity.ts'

export interface MailText {
  subject: string
  body: string
}

interface Addressee {
  email: string
  firstName: string
  lastName: string
}

export function verificationMail(identity: Identity, user: Addressee, code: string): MailText {
  const service = identity.settings.BRANDING_SERVICE_NAME
  const next = encodeURIComponent(uiUrl(identity))
  return {
    subject: `${service} account verification`,
    body: framed(
      identity,
      `Dear ${nameOf(user)},

an account on ${service} was asked for with this e-mail address. Follow this link to confirm that it is yours:

${uiUrl(identity)}activate?auth=${code}&next=${next}

If you did not ask for an account, ignore this mail: nothing will happen.`,
    ),
  }
}

export function welcomeMail(identity: Identity, user: Addressee): MailText {
  const service = identity.settings.BRANDING_SERVICE_NAME
  return {
    subject: `Welcome to ${service}`,
    body: framed(
      identity,
      `Dear ${nameOf(user)},

your account ${user.email} on ${service} is active. Sign in here:

${uiUrl(identity)}`,
    ),
  }
}

/** Somebody tried to sign up with the address of a person who already has an account. */
export function alreadyRegisteredMail(identity: Identity, user: Addressee): MailText {
  const service = identity.settings.BRANDING_SERVICE_NAME
  return {
    subject: `Your ${service} account`,
    body: framed(
      identity,
      `Dear ${nameOf(user)},

a new account on ${service} was asked for with this e-mail address, which already has one. Sign in here:

${uiUrl(identity)}login

If it was not you who asked, ignore this mail: nothing has changed.`,
    ),
  }
}

export function pendingModerationMail(identity: Identity, user: Addressee & { id: bigint }): MailText {
  const service = identity.settings.BRANDING_SERVICE_NAME
  return {
    subject: `${service} account created (${user.email})`,
    body: framed(
      identity,
      `An account waits for moderation.

Name:   ${nameOf(user)}
E-mail: ${user.email}

Accept it with:

    snf-manage user-modify --accept ${user.id}`,
    ),
  }
}

export function activatedMail(identity: Identity, user: Addressee & { uuid: string }, policy: string): MailText {
  const service = identity.settings.BRANDING_SERVICE_NAME
  return {
    subject: `${service} account activated (${user.email})`,
    body: framed(
      identity,
      `An account became active.

Name:     ${nameOf(user)}
E-mail:   ${user.email}
Id:       ${user.uuid}
Accepted: ${policy}`,
    ),
  }
}

export const uiUrl = (identity: Identity) => `${identity.baseUrl()}/astakos/ui/`

const nameOf = ({ email, firstName, lastName }: Addressee) => [firstName, lastName].filter(Boolean).join(' ') || email

function framed({ settings }: Identity, body: string): string {
  const { BRANDING_SERVICE_NAME, BRANDING_COMPANY_NAME, CONTACT_EMAIL } = settings
  const signature = [`The ${BRANDING_SERVICE_NAME} team`, BRANDING_COMPANY_NAME].filter(Boolean).join('\n')
  return `${body}\n\nFor help, contact ${CONTACT_EMAIL}.\n\nThank you for using ${BRANDING_SERVICE_NAME}.\n\n${signature}\n`
}
