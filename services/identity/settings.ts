import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

const Text = Type.String()
const Flag = Type.Boolean()
const Count = Type.Integer({ minimum: 1 })
const Addresses = Type.Array(Type.String())

export const identitySettings = defineSettings({
  ASTAKOS_AUTH_TOKEN_DURATION: setting(Count, {
    default: 720,
    help: 'Hours until the classic API token of a person, and with it a browser session, expires.',
  }),
  ASTAKOS_MODERATION_ENABLED: setting(Flag, {
    default: false,
    help: 'Whether an administrator has to accept each new account.',
  }),
  ASTAKOS_RE_USER_EMAIL_PATTERNS: setting(Type.Array(Type.String()), {
    default: [],
    help: 'Regular expressions, matched from the start of the address, of accounts that need no moderation.',
  }),
  ASTAKOS_SHOW_SIGNUP: setting(Flag, { default: true, help: 'Whether visitors may create accounts.' }),
  ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN: setting(Flag, {
    default: true,
    help: 'Whether a changed password also renews the classic API token.',
  }),
  ASTAKOS_RATELIMIT_RETRIES_ALLOWED: setting(Count, {
    default: 3,
    help: 'Failed logins per minute for one account from one address; further ones have to wait.',
  }),
  ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE: setting(Count, {
    default: 60,
    help: 'Failed logins per minute from one address, and for one account from all addresses.',
  }),
  ASTAKOS_RATELIMIT_SIGNUPS_PER_HOUR: setting(Count, {
    default: 120,
    help: 'Sign-ups and requests for another verification mail per hour from one address.',
  }),
  ASTAKOS_PASSWORD_MIN_LENGTH: setting(Count, { default: 8, help: 'Characters that a new password has at least.' }),
  ASTAKOS_DEFAULT_USER_LEVEL: setting(Type.Integer({ minimum: 0 }), { default: 4, help: 'Invitation level of new accounts.' }),
  ASTAKOS_PROJECT_ADMINS: setting(Type.Array(Type.String()), {
    default: [],
    help: 'Ids (uuids) of the people who may see and decide about all projects.',
  }),
  ASTAKOS_KAMAKI_CONFIG_CLOUD_NAME: setting(Text, {
    default: '',
    help: 'Name of this cloud in the configuration file for kamaki; by default the service name in lower case.',
  }),
  ASTAKOS_ACTIVATION_REDIRECT_URL: setting(Text, {
    default: '',
    help: 'Where a person goes after following the link of the verification mail; by default the start page.',
  }),
  ACCOUNT_NOTIFICATIONS_RECIPIENTS: setting(Addresses, {
    default: [],
    help: 'Addresses that are told of accounts to moderate and of accounts that became active.',
  }),
  SERVER_EMAIL: setting(Text, { default: 'Synnefo <no-reply@localhost>', help: 'Sender of all mails.' }),
  CONTACT_EMAIL: setting(Text, { default: 'the administrators of this cloud', help: 'Whom to write to, as shown to people.' }),
  EMAIL_HOST: setting(Text, { default: '', help: 'SMTP server. Without one, mails are kept as files in the home folder.' }),
  EMAIL_PORT: setting(Type.Integer({ minimum: 1, maximum: 65535 }), { default: 25, help: 'Port of the SMTP server.' }),
  EMAIL_HOST_USER: setting(Text, { default: '', help: 'User name at the SMTP server, where it asks for one.' }),
  EMAIL_HOST_PASSWORD: setting(Text, { default: '', help: 'Password at the SMTP server.' }),
  EMAIL_USE_TLS: setting(Flag, { default: false, help: 'Whether the SMTP server must be reached with encryption.' }),
  BRANDING_SERVICE_NAME: setting(Text, { default: 'Synnefo', help: 'Name of this cloud in pages and mails.' }),
  BRANDING_COMPANY_NAME: setting(Text, { default: '', help: 'Who runs this cloud, at the end of mails.' }),
})

export type IdentitySettings = SettingsOf<typeof identitySettings>
