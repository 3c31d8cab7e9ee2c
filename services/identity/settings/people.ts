import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Flag, Text } from './types.ts'

export const peopleSettings = defineSettings({
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
  ASTAKOS_SHOW_SIGNUP: setting(Flag, {
    default: true,
    help: 'Whether visitors may create accounts. Where they may not, the invited may, with a password, and people of a way to sign in whose `ASTAKOS_AUTH_PROVIDER…_CREATE_POLICY` is set to true.',
  }),
  ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN: setting(Flag, {
    default: true,
    help: 'Whether a changed password also renews the classic API token.',
  }),
  ASTAKOS_PASSWORD_MIN_LENGTH: setting(Count, { default: 8, help: 'Characters that a new password has at least.' }),
  ASTAKOS_DEFAULT_USER_LEVEL: setting(Type.Integer({ minimum: 0 }), { default: 4, help: 'Invitation level of new accounts.' }),
  ASTAKOS_INVITATIONS_ENABLED: setting(Flag, { default: false, help: 'Whether people may invite others.' }),
  ASTAKOS_INVITATIONS_PER_LEVEL: setting(Type.Record(Type.String({ pattern: '^[0-9]+$' }), Type.Integer({ minimum: 0 })), {
    default: { 0: 100, 1: 2, 2: 0, 3: 0, 4: 0 },
    help: 'How many invitations new accounts of each level have.',
  }),
  ASTAKOS_FORCE_PROFILE_UPDATE: setting(Flag, {
    default: false,
    help: 'Whether people are sent to their profile until they have seen it once.',
  }),
  ASTAKOS_EMAILCHANGE_ENABLED: setting(Flag, { default: false, help: 'Whether people may change their e-mail address.' }),
  ASTAKOS_EMAILCHANGE_ACTIVATION_DAYS: setting(Count, {
    default: 10,
    help: 'Days until the link that confirms a changed e-mail address ends.',
  }),
  ASTAKOS_ADMIN_API_ENABLED: setting(Flag, { default: false, help: 'Whether programs may manage accounts by API.' }),
  ASTAKOS_ADMIN_API_PERMITTED_GROUPS: setting(Type.Array(Type.String()), {
    default: ['admin-api'],
    help: 'Groups whose members may manage accounts by API, where that is on.',
  }),
  ASTAKOS_KAMAKI_CONFIG_CLOUD_NAME: setting(Text, {
    default: '',
    help: 'Name of this cloud in the configuration file for kamaki; by default the service name in lower case.',
  }),
  ASTAKOS_ACTIVATION_REDIRECT_URL: setting(Text, {
    default: '',
    help: 'Where a person goes after following the link of the verification mail; by default the start page.',
  }),
})
