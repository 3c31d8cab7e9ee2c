import { defineSettings, type Setting, setting, Type } from '@synnefo/lib/settings'
import { SUBJECT_KEYS, SUBJECTS, type SubjectKey } from '../mails/subjects.ts'
import { ComputedRecipients, Flag, Recipients, Text } from './types.ts'

const computed = (help: string) => setting(ComputedRecipients, { default: null, help })

type SubjectSettings = { [Key in SubjectKey as `ASTAKOS_${Key}_MESSAGE`]: Setting<typeof Text> }

const subjectSettings = Object.fromEntries(
  SUBJECT_KEYS.map((key) => [
    `ASTAKOS_${key}_MESSAGE`,
    setting(Text, { default: '', help: `Subject of a mail in place of \`${SUBJECTS[key]}\`.` }),
  ]),
) as SubjectSettings

export const mailSettings = defineSettings({
  ADMINS: setting(Recipients, { default: [], help: 'Administrators, as addresses or pairs of a name and an address.' }),
  MANAGERS: setting(Recipients, { default: [], help: 'Managers, as addresses or pairs of a name and an address.' }),
  HELPDESK: setting(Recipients, { default: [], help: 'The help desk, as addresses or pairs of a name and an address.' }),
  ACCOUNT_NOTIFICATIONS_RECIPIENTS: computed(
    'Who is told of accounts, unless a setting for one mail says otherwise; by default `HELPDESK`, `MANAGERS` and `ADMINS`.',
  ),
  FEEDBACK_NOTIFICATIONS_RECIPIENTS: computed('Who gets what people write by the contact form; by default `HELPDESK`.'),
  PROJECT_NOTIFICATIONS_RECIPIENTS: computed(
    'Who is told of projects, unless a setting for one mail says otherwise; by default `HELPDESK` and `MANAGERS`.',
  ),
  ACCOUNT_PENDING_MODERATION_RECIPIENTS: computed(
    'Who is told of accounts to moderate; by default `ACCOUNT_NOTIFICATIONS_RECIPIENTS`.',
  ),
  ACCOUNT_ACTIVATED_RECIPIENTS: computed(
    'Who is told of accounts that became active; by default `ACCOUNT_NOTIFICATIONS_RECIPIENTS`.',
  ),
  PROJECT_CREATION_RECIPIENTS: computed(
    'Who is told of applications for new projects; by default `PROJECT_NOTIFICATIONS_RECIPIENTS`.',
  ),
  PROJECT_MODIFICATION_RECIPIENTS: computed(
    'Who is told of applications for changes of projects; by default `PROJECT_NOTIFICATIONS_RECIPIENTS`.',
  ),
  SERVER_EMAIL: setting(Text, { default: 'Synnefo <no-reply@localhost>', help: 'Sender of all mails.' }),
  CONTACT_EMAIL: setting(Text, { default: 'the administrators of this cloud', help: 'Whom to write to, as shown to people.' }),
  EMAIL_BACKEND: setting(Type.Enum(['', 'smtp', 'file', 'console', 'memory']), {
    default: '',
    help: 'Where mails go: `smtp`, `file`, `console` or `memory`. By default `smtp` when `EMAIL_HOST` is set, else `file`.',
  }),
  EMAIL_FILE_PATH: setting(Text, { default: '', help: 'Folder of mails kept as files; by default `mail` in the home folder.' }),
  EMAIL_HOST: setting(Text, { default: '', help: 'SMTP server. Without one, mails are kept as files in the home folder.' }),
  EMAIL_PORT: setting(Type.Integer({ minimum: 1, maximum: 65535 }), { default: 25, help: 'Port of the SMTP server.' }),
  EMAIL_HOST_USER: setting(Text, { default: '', help: 'User name at the SMTP server, where it asks for one.' }),
  EMAIL_HOST_PASSWORD: setting(Text, { default: '', help: 'Password at the SMTP server.' }),
  EMAIL_USE_TLS: setting(Flag, { default: false, help: 'Whether the SMTP server must be reached with encryption.' }),
  ...subjectSettings,
})
