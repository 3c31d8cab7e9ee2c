// Where the providers of other ways to sign in are, and how this cloud shows itself to them.
import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Flag, Text, Texts } from './types.ts'

/** An address that secrets may travel to, or none. */
const Address = Type.String({ pattern: '^(https?://[^\\s]+)?$' })

const openIdConnectSettings = defineSettings({
  ASTAKOS_GOOGLE_CLIENT_ID: setting(Text, { default: '', help: 'Client id of this cloud at Google.' }),
  ASTAKOS_GOOGLE_SECRET: setting(Text, { default: '', help: 'Client secret of this cloud at Google.' }),
  ASTAKOS_GOOGLE_ISSUER: setting(Address, {
    default: 'https://accounts.google.com',
    help: 'Issuer of the OpenID provider behind the way to sign in `google`.',
  }),
  ASTAKOS_LINKEDIN_TOKEN: setting(Text, { default: '', help: 'Client id of this cloud at LinkedIn.' }),
  ASTAKOS_LINKEDIN_SECRET: setting(Text, { default: '', help: 'Client secret of this cloud at LinkedIn.' }),
  ASTAKOS_LINKEDIN_ISSUER: setting(Address, {
    default: 'https://www.linkedin.com/oauth',
    help: 'Issuer of the OpenID provider behind the way to sign in `linkedin`.',
  }),
  ASTAKOS_OIDC_ISSUER: setting(Address, { default: '', help: 'Issuer of the OpenID provider behind the way to sign in `oidc`.' }),
  ASTAKOS_OIDC_CLIENT_ID: setting(Text, { default: '', help: 'Client id of this cloud at that provider.' }),
  ASTAKOS_OIDC_SECRET: setting(Text, {
    default: '',
    help: 'Client secret of this cloud at that provider; none for a public client.',
  }),
  ASTAKOS_OIDC_SCOPES: setting(Text, { default: 'openid profile email', help: 'Scopes that are asked for at that provider.' }),
})

const twitterSettings = defineSettings({
  ASTAKOS_TWITTER_TOKEN: setting(Text, { default: '', help: 'OAuth 2 client id of this cloud at Twitter.' }),
  ASTAKOS_TWITTER_SECRET: setting(Text, { default: '', help: 'OAuth 2 client secret of this cloud at Twitter.' }),
  ASTAKOS_TWITTER_AUTH_FORCE_LOGIN: setting(Flag, {
    default: false,
    help: 'Whether Twitter asks for its password also those who are signed in there.',
  }),
  ASTAKOS_TWITTER_AUTHORIZATION_URL: setting(Address, {
    default: 'https://twitter.com/i/oauth2/authorize',
    help: 'Where Twitter asks a person to agree.',
  }),
  ASTAKOS_TWITTER_TOKEN_URL: setting(Address, {
    default: 'https://api.twitter.com/2/oauth2/token',
    help: 'Where Twitter answers tokens.',
  }),
  ASTAKOS_TWITTER_USER_URL: setting(Address, {
    default: 'https://api.twitter.com/2/users/me',
    help: 'Where Twitter tells who agreed.',
  }),
})

const ldapSettings = defineSettings({
  AUTH_LDAP_SERVER_URI: setting(Type.String({ pattern: '^(ldaps?://[^\\s]+)?$' }), {
    default: '',
    help: 'The directory behind the way to sign in `ldap`, such as ldaps://ldap.example.org.',
  }),
  AUTH_LDAP_START_TLS: setting(Flag, {
    default: false,
    help: 'Whether a connection to ldap:// is encrypted before anything is said on it.',
  }),
  AUTH_LDAP_CA_FILE: setting(Text, {
    default: '',
    help: "File with the certificates that vouch for the directory's; by default those that the system trusts.",
  }),
  AUTH_LDAP_TIMEOUT: setting(Count, { default: 10, help: 'Seconds that the directory may take for an answer.' }),
  AUTH_LDAP_BIND_DN: setting(Text, { default: '', help: 'Whom searches are made as; by default nobody.' }),
  AUTH_LDAP_BIND_PASSWORD: setting(Text, { default: '', help: 'Password for that.' }),
  AUTH_LDAP_USER_DN_TEMPLATE: setting(Text, {
    default: '',
    help: 'Name of a person in the directory, such as uid=%(user)s,ou=people,dc=example,dc=org; without it people are searched for.',
  }),
  AUTH_LDAP_USER_SEARCH_BASE: setting(Text, { default: '', help: 'Where people are searched for.' }),
  AUTH_LDAP_USER_SEARCH_FILTER: setting(Text, { default: '(uid=%(user)s)', help: 'Which entry is the person who typed a name.' }),
  AUTH_LDAP_GROUP_SEARCH_BASE: setting(Text, { default: '', help: 'Where groups are searched for; by default nowhere.' }),
  AUTH_LDAP_GROUP_SEARCH_FILTER: setting(Text, {
    default: '(|(member=%(dn)s)(uniqueMember=%(dn)s)(memberUid=%(user)s))',
    help: 'Which groups a person is in.',
  }),
  AUTH_LDAP_GROUP_NAME_ATTR: setting(Text, { default: 'cn', help: 'Attribute of a group that holds its name.' }),
  ASTAKOS_AUTH_PROVIDER_LDAP_IDENTIFIER_ATTR: setting(Text, {
    default: 'objectGUID',
    help: 'Attribute that names a person for ever, such as entryUUID.',
  }),
  ASTAKOS_AUTH_PROVIDER_LDAP_PROVIDER_ATTRS: setting(Texts, {
    default: [],
    help: 'Further attributes that are kept with the link to the directory.',
  }),
})

export const loginProviderSettings = { ...openIdConnectSettings, ...twitterSettings, ...ldapSettings }
