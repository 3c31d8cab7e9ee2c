import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Flag, Text } from './types.ts'

export const browserSettings = defineSettings({
  ASTAKOS_COOKIE_ENABLED: setting(Flag, {
    default: false,
    help: 'Whether the cookie ASTAKOS_COOKIE_NAME tells the scripts of other web UIs below ASTAKOS_COOKIE_DOMAIN who is signed in, with the classic API token. Only for UIs that cannot do without: any script there can take it.',
  }),
  ASTAKOS_COOKIE_NAME: setting(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }), {
    default: '_pithos2_a',
    help: 'Name of that cookie.',
  }),
  ASTAKOS_COOKIE_DOMAIN: setting(Text, {
    default: '',
    help: 'Domain of that cookie. Pages of this domain and below it may also be gone on to after signing in and out.',
  }),
  ASTAKOS_COOKIE_SECURE: setting(Flag, { default: true, help: 'Whether that cookie is for encrypted connections only.' }),
  ASTAKOS_LOGIN_SUCCESS_URL: setting(Text, {
    default: '',
    help: 'Where a person goes after signing in, when nothing else was asked for; by default the start page.',
  }),
  ASTAKOS_LOGOUT_NEXT: setting(Text, {
    default: '',
    help: 'Where a person goes after signing out, when nothing else was asked for; by default the start page.',
  }),
  ASTAKOS_REDIRECT_ALLOWED_SCHEMES: setting(Type.Array(Type.String({ pattern: '^[a-z][a-z0-9+.-]*$' })), {
    default: ['pithos', 'pithosdev'],
    help: 'Schemes of the addresses by which programs on desktops and telephones get the API token of somebody who signs in for them. Those of the web are never allowed.',
  }),
})
