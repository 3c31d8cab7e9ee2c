// People of a federation, as the original knew them: by REMOTE_USER, EPPN and Shib-* headers. Attributes of SAML are
// given these names, so that both ways read people alike.

import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { renameIdentity } from '../store/auth-providers.ts'
import { type Claims, firstText, readFields, readIdentifier } from './claims.ts'

export type ShibbolethAttributes = Readonly<Record<string, string>>

/** Throws `badRequest` with whom to ask when the organisation does not say who it is. */
export function readShibboleth(settings: IdentitySettings, told: ShibbolethAttributes): Claims {
  const identifier = readIdentifier(told['REMOTE_USER'])
  if (identifier === undefined) {
    throw new Fault(
      'badRequest',
      `Your organisation did not tell us who you are. Ask it to, or write to ${settings.CONTACT_EMAIL}.`,
    )
  }
  const fields = readFields(settings, 'shibboleth', { ...told, ...namesFrom(told) })
  if (settings.ASTAKOS_SHIBBOLETH_REQUIRE_NAME_INFO && (fields.firstName === '' || fields.lastName === '')) {
    throw new Fault(
      'badRequest',
      `Your organisation did not tell us your name. Ask it to, or write to ${settings.CONTACT_EMAIL}.`,
    )
  }
  const kept = Object.entries(told).filter(([name]) => name === 'EPPN' || name.toLowerCase().startsWith('shib-'))
  return {
    module: 'shibboleth',
    identifier,
    ...fields,
    emailIsProven: fields.email !== '',
    groups: null,
    info: Object.fromEntries(kept.map(([name, value]) => [name, value.slice(0, 1000)])),
  }
}

/** A display name overrides given and sur name; a common name stands in where both are missing. Split at the first blank. */
function namesFrom(told: ShibbolethAttributes): Record<string, string> {
  const display = firstText(told['Shib-InetOrgPerson-displayName'])
  const hasNames = firstText(told[GIVEN_NAME]) !== '' || firstText(told[SURNAME]) !== ''
  const whole = display || (hasNames ? '' : firstText(told['Shib-Person-commonName']))
  if (whole === '') return {}
  const at = whole.indexOf(' ')
  return at === -1 ? { [GIVEN_NAME]: whole } : { [GIVEN_NAME]: whole.slice(0, at), [SURNAME]: whole.slice(at + 1).trim() }
}
const GIVEN_NAME = 'Shib-InetOrgPerson-givenName'
const SURNAME = 'Shib-Person-surname'

/** Header names in the writing of the original; Node has them in lower case. */
const HEADERS = [
  'REMOTE_USER',
  'EPPN',
  GIVEN_NAME,
  SURNAME,
  'Shib-Person-commonName',
  'Shib-InetOrgPerson-displayName',
  'Shib-EP-Affiliation',
  'Shib-Session-ID',
  'Shib-Mail',
]

export function attributesInHeaders(headers: IncomingHttpHeaders): ShibbolethAttributes {
  const told: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const known = HEADERS.find((each) => each.toLowerCase() === name)
    if (known === undefined && !name.startsWith('shib-')) continue
    const text = [value ?? ''].flat()[0]!
    // Front-ends pass bytes on: names of people are UTF-8, which Node reads as Latin 1.
    if (text !== '') told[known ?? name] = Buffer.from(text, 'latin1').toString('utf8')
  }
  return told
}

/** Answers whether a connection comes from a front-end whose headers are believed. Throws, naming the setting, for what is no address. */
export function trustedProxies(settings: IdentitySettings): (peer: string | undefined) => boolean {
  const trusted = new BlockList()
  for (const word of settings.ASTAKOS_SHIBBOLETH_TRUSTED_PROXIES) {
    const [address = '', bits] = word.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    try {
      if (bits === undefined) trusted.addAddress(address, family)
      else trusted.addSubnet(address, Number(bits), family)
    } catch (cause) {
      throw new Error(`ASTAKOS_SHIBBOLETH_TRUSTED_PROXIES: '${word}' is no address or network`, { cause })
    }
  }
  return (peer) => {
    if (peer === undefined) return false
    const plain = peer.replace(/^::ffff:/, '')
    return trusted.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
  }
}

/** Accounts that were linked by EPPN are linked by the identifier that the organisation uses now. */
export async function migrateEppn({ db, settings }: Identity, { identifier, info }: Claims): Promise<void> {
  const eppn = readIdentifier(info['EPPN'])
  if (!settings.ASTAKOS_SHIBBOLETH_MIGRATE_EPPN || eppn === undefined || eppn === identifier) return
  await db.transaction(async (tx) => {
    if ((await renameIdentity(tx, 'shibboleth', eppn, identifier)) === 0) return
    const about = { service: 'identity', actor: 'login', action: 'login-migrate', target: `login:shibboleth` }
    await audit(tx, { ...about, details: { from: eppn, to: identifier } })
  })
}
