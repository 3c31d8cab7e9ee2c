import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Text } from './types.ts'

const Names = Type.Array(Type.String())

export const errorReportSettings = defineSettings({
  EMAIL_SUBJECT_PREFIX: setting(Text, {
    default: '[email-subject-prefix] ',
    help: 'What the subjects of error reports, which are mailed to `ADMINS`, begin with.',
  }),
  MAIL_MAX_LEN: setting(Count, { default: 100 * 1024, help: 'Characters of an error report; the rest is cut off.' }),
  HIDDEN_SETTINGS: setting(Text, {
    default: 'API|TOKEN|KEY|SECRET|PASS|SIGNATURE|URL',
    help: 'Regular expression of the settings whose values error reports do not show.',
  }),
  HIDDEN_COOKIES: setting(Names, {
    default: ['password', '_pithos2_a', 'token', 'sessionid', 'shibstate', 'shibsession', 'csrftoken'],
    help: 'Cookies whose values error reports do not show, besides those whose names or values look like secrets.',
  }),
  HIDDEN_HEADERS: setting(Names, {
    default: ['X-Auth-Token', 'Cookie', 'Authorization', 'Proxy-Authorization', 'X-CSRF-Token', 'Set-Cookie'],
    help: 'Headers whose values error reports do not show.',
  }),
})
