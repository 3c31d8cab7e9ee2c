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

/** What the federation calls the attributes that the original knew as headers. */
const SHIBBOLETH_ATTRIBUTES = {
  REMOTE_USER: [
    'urn:oasis:names:tc:SAML:attribute:subject-id',
    'urn:oasis:names:tc:SAML:attribute:pairwise-id',
    'urn:oid:1.3.6.1.4.1.5923.1.1.1.10',
    'eduPersonTargetedID',
    'persistent-id',
    'NameID',
    'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
    'eduPersonPrincipalName',
  ],
  EPPN: ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', 'eduPersonPrincipalName', 'eppn'],
  'Shib-InetOrgPerson-givenName': ['urn:oid:2.5.4.42', 'givenName'],
  'Shib-Person-surname': ['urn:oid:2.5.4.4', 'sn', 'surname'],
  'Shib-Person-commonName': ['urn:oid:2.5.4.3', 'cn', 'commonName'],
  'Shib-InetOrgPerson-displayName': ['urn:oid:2.16.840.1.113730.3.1.241', 'displayName'],
  'Shib-EP-Affiliation': ['urn:oid:1.3.6.1.4.1.5923.1.1.1.9', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.1', 'eduPersonAffiliation'],
  'Shib-Mail': ['urn:oid:0.9.2342.19200300.100.1.3', 'mail', 'email'],
}

const shibbolethSettings = defineSettings({
  ASTAKOS_SHIBBOLETH_IDP_METADATA: setting(Text, {
    default: '',
    help: 'File with the metadata of the SAML identity provider behind the way to sign in `shibboleth`, or of its federation.',
  }),
  ASTAKOS_SHIBBOLETH_IDP_ENTITY_ID: setting(Text, {
    default: '',
    help: 'Which identity provider of the metadata it is; needed where there are several, or no metadata.',
  }),
  ASTAKOS_SHIBBOLETH_IDP_URL: setting(Address, {
    default: '',
    help: 'Where it takes requests by redirect; by default as the metadata say.',
  }),
  ASTAKOS_SHIBBOLETH_IDP_CERTIFICATES: setting(Texts, {
    default: [],
    help: 'Certificates (PEM) with which it signs; by default as the metadata say.',
  }),
  ASTAKOS_SHIBBOLETH_ENTITY_ID: setting(Text, {
    default: '',
    help: 'Entity id of this cloud; by default the address of its metadata, /astakos/ui/login/shibboleth/metadata.',
  }),
  ASTAKOS_SHIBBOLETH_KEY_FILE: setting(Text, {
    default: '',
    help: 'File with a private key (PEM) of this cloud, to sign requests and open encrypted assertions.',
  }),
  ASTAKOS_SHIBBOLETH_CERTIFICATE_FILE: setting(Text, { default: '', help: 'File with the certificate (PEM) for that key.' }),
  ASTAKOS_SHIBBOLETH_CLOCK_SKEW: setting(Type.Integer({ minimum: 0, maximum: 600 }), {
    default: 60,
    help: "Seconds that the identity provider's clock may be off.",
  }),
  ASTAKOS_SHIBBOLETH_ATTRIBUTES: setting(Type.Record(Type.String(), Texts), {
    default: SHIBBOLETH_ATTRIBUTES,
    help: 'Names of SAML attributes, the first that is there counting, for REMOTE_USER (the identifier; `NameID` stands for a persistent name id), EPPN and the Shib-* headers of the original.',
  }),
  ASTAKOS_SHIBBOLETH_TRUSTED_PROXIES: setting(Texts, {
    default: [],
    help: 'Addresses or networks of front-ends that protect /astakos/ui/login/shibboleth and set REMOTE_USER and Shib-* headers, which are then believed instead of SAML. They must drop such headers that come from outside.',
  }),
  ASTAKOS_SHIBBOLETH_REQUIRE_NAME_INFO: setting(Flag, {
    default: false,
    help: 'Whether people need to come with a name.',
  }),
  ASTAKOS_SHIBBOLETH_MIGRATE_EPPN: setting(Flag, {
    default: false,
    help: 'Whether accounts that were linked by their EPPN are linked by REMOTE_USER at their next sign-in.',
  }),
})

export const loginProviderSettings = {
  ...shibbolethSettings,
  ...openIdConnectSettings,
  ...twitterSettings,
  ...ldapSettings,
}
