import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Flag } from './types.ts'

export const oauth2Settings = defineSettings({
  OAUTH2_AUTHORIZATION_CODE_LENGTH: setting(Type.Integer({ minimum: 32, maximum: 250 }), {
    default: 60,
    help: 'Characters of the codes that OAuth 2.0 clients trade for tokens.',
  }),
  OAUTH2_TOKEN_LENGTH: setting(Type.Integer({ minimum: 22, maximum: 250 }), {
    default: 30,
    help: 'Characters of the access tokens of OAuth 2.0 clients.',
  }),
  OAUTH2_TOKEN_EXPIRES: setting(Count, { default: 20, help: 'Seconds that an access token of an OAuth 2.0 client is good for.' }),
  OAUTH2_MAXIMUM_ALLOWED_REDIRECT_URI_LENGTH: setting(Count, {
    default: 5000,
    help: 'Characters that an address to go back to, given by an OAuth 2.0 client, has at most.',
  }),
  ASTAKOS_DEVICE_TOKEN_DAYS: setting(Count, {
    default: 90,
    help: 'Days that an API token is good for which a command line got by device login.',
  }),
  OPENID_KEY_DAYS: setting(Count, {
    default: 90,
    help: 'Days after which a new key signs the ID tokens of OpenID Connect.',
  }),
  OAUTH2_PKCE_REQUIRED: setting(Flag, {
    default: true,
    help: 'Whether public OAuth 2.0 clients, which have no secret, must prove with PKCE (S256) that a code is theirs.',
  }),
  OAUTH2_VALIDATIONS_PER_MINUTE: setting(Count, {
    default: 600,
    help: 'Access tokens of OAuth 2.0 clients that one address may have looked up per minute, unless it shows a service token.',
  }),
})
