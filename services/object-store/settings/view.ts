import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const viewSettings = defineSettings({
  PITHOS_UNSAFE_DOMAIN: setting(Type.String({ pattern: '^([A-Za-z0-9.-]+(:[0-9]+)?|\\[[0-9a-fA-F:]+\\](:[0-9]+)?)?$' }), {
    default: '',
    help: 'Host, such as usercontent.example.org, that alone serves what users made to browsers: public links and views on other hosts lead there. Empty: all hosts do.',
  }),
  PITHOS_OAUTH2_CLIENT_CREDENTIALS: setting(Type.Array(Type.String(), { maxItems: 2 }), {
    default: [],
    help: 'Identifier and secret of the OAuth 2.0 client as which views of objects ask who somebody is. Empty: one that the cloud registers for itself.',
  }),
  ASTAKOS_AUTH_URL: setting(Type.String({ pattern: '^(https?://[^/]+/.*)?$' }), {
    default: '',
    help: 'Identity service, such as https://accounts.example.org/astakos/identity/v2.0, that views of objects and the proxies of the object store ask. Empty: that of this cloud.',
  }),
  PITHOS_SERVICE_TOKEN: setting(Type.String({ pattern: '^[\\x21-\\x7e]*$' }), {
    default: '',
    help: 'Token of the component by which the object store shows itself to an identity service elsewhere (ASTAKOS_AUTH_URL).',
  }),
  PITHOS_PROXY_PREFIX: setting(Type.String({ pattern: '^[A-Za-z0-9_-]+$' }), {
    default: '_astakos',
    help: 'Path below the object store under which it passes requests on to the identity and account services.',
  }),
})
