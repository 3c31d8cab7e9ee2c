import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Addresses, Flag, Text } from './types.ts'

export const mailSettings = defineSettings({
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
})
