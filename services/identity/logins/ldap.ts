// A directory as a way to sign in: the person is found, then his password is tried by signing in to the directory as him.
import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { Fault } from '@synnefo/lib/fault'
import { Client, type Entry, Filter, InvalidCredentialsError, NoSuchObjectError } from 'ldapts'
import type { IdentitySettings } from '../settings/index.ts'
import { type Claims, firstText, readFields, readIdentifier } from './claims.ts'

/** Who has this name and password in the directory; undefined when nobody has. Throws `serviceUnavailable` when it cannot be asked. */
export async function findInDirectory(
  settings: IdentitySettings,
  title: string,
  { username, password }: { username: string; password: string },
): Promise<Claims | undefined> {
  // A directory takes an empty password for a wish to stay unknown, and grants it.
  if (username === '' || password === '') return undefined
  const client = await connect(settings, title)
  try {
    const dn = await nameOf(settings, client, username)
    if (dn === undefined) return undefined
    try {
      await client.bind(dn, password)
    } catch (error) {
      if (error instanceof InvalidCredentialsError || error instanceof NoSuchObjectError) return undefined
      throw error
    }
    return await readEntry(settings, client, dn, username)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw unavailable(title, error)
  } finally {
    await client.unbind().catch(() => {}) // it is gone already
  }
}

const unavailable = (title: string, cause: unknown) =>
  new Fault('serviceUnavailable', `${title} does not answer. Try again in a while, or sign in in another way.`, { cause })

async function connect(settings: IdentitySettings, title: string): Promise<Client> {
  const { AUTH_LDAP_SERVER_URI: url, AUTH_LDAP_TIMEOUT: seconds, AUTH_LDAP_CA_FILE: caFile } = settings
  if (url === '') throw new Fault('serviceUnavailable', `${title} is not set up on this cloud yet. Ask its administrators.`)
  try {
    const tls: ConnectionOptions = {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(caFile === '' ? {} : { ca: await readFile(caFile) }),
    }
    const client = new Client({
      url,
      timeout: seconds * 1000,
      connectTimeout: seconds * 1000,
      ...(url.startsWith('ldaps:') ? { tlsOptions: tls } : {}),
    })
    // The name is checked against the certificate: StartTLS has to be told which one was meant.
    if (settings.AUTH_LDAP_START_TLS) await client.startTLS({ ...tls, host: new URL(url).hostname, servername: serverName(url) })
    return client
  } catch (error) {
    throw unavailable(title, error)
  }
}

/** Addresses are no server names. */
const serverName = (url: string) => (/^\d+(\.\d+){3}$|^\[/.test(new URL(url).hostname) ? '' : new URL(url).hostname)

/** The person's name in the directory: made by the template, or found by a search that finds exactly one. */
async function nameOf(settings: IdentitySettings, client: Client, username: string): Promise<string | undefined> {
  const { AUTH_LDAP_USER_DN_TEMPLATE: template, AUTH_LDAP_USER_SEARCH_BASE: base } = settings
  if (template !== '') return fill(template, { user: escapeDn(username) })
  await bindForSearches(settings, client)
  const filter = fill(settings.AUTH_LDAP_USER_SEARCH_FILTER, { user: Filter.escape(username) })
  const { searchEntries: found } = await client.search(base, {
    ...SEARCH,
    filter,
    attributes: ['1.1'],
    sizeLimit: 2,
  })
  return found.length === 1 ? found[0]!.dn : undefined
}

/** Aliases are not followed, nor are the referrals to other servers that a search may answer. */
const SEARCH = { scope: 'sub', derefAliases: 'never' } as const

async function bindForSearches(settings: IdentitySettings, client: Client): Promise<void> {
  const { AUTH_LDAP_BIND_DN: dn, AUTH_LDAP_BIND_PASSWORD: password } = settings
  if (dn === '') return
  try {
    await client.bind(dn, password)
  } catch (error) {
    // Not the person's password: the operator has to look at it.
    throw new Error('the directory refuses AUTH_LDAP_BIND_DN', { cause: error })
  }
}

/** What the person's entry says, read as the person himself or, where searches have a name of their own, as that one. */
async function readEntry(settings: IdentitySettings, client: Client, dn: string, username: string): Promise<Claims> {
  await bindForSearches(settings, client)
  const identifierAttribute = settings.ASTAKOS_AUTH_PROVIDER_LDAP_IDENTIFIER_ATTR
  const kept = settings.ASTAKOS_AUTH_PROVIDER_LDAP_PROVIDER_ATTRS
  const { searchEntries: found } = await client.search(dn, {
    scope: 'base',
    derefAliases: 'never',
    attributes: ['*', identifierAttribute, ...kept],
    explicitBufferAttributes: [BINARY_ID],
  })
  const entry = found[0]
  const identifier = entry && readIdentifier(spellId(entry[identifierAttribute]))
  if (!entry || identifier === undefined) {
    throw new Error(`the entry ${dn} has no attribute ${identifierAttribute}: see ASTAKOS_AUTH_PROVIDER_LDAP_IDENTIFIER_ATTR`)
  }
  return {
    module: 'ldap',
    identifier,
    ...readFields(settings, 'ldap', entry),
    emailIsProven: true,
    groups: await groupsOf(settings, client, dn, username),
    info: Object.fromEntries([
      ['username', username],
      ...kept.map((name) => [name, textsOf(entry[name])]).filter(([, values]) => values!.length > 0),
    ]),
  }
}

/** Sixteen bytes; the one attribute that names people for ever and is no text. */
const BINARY_ID = 'objectGUID'

const spellId = (value: Entry[string] | undefined): unknown => {
  const first = Array.isArray(value) ? value[0] : value
  return Buffer.isBuffer(first) ? first.toString('hex') : first
}

const textsOf = (value: Entry[string] | undefined): string[] =>
  [value ?? []].flat().map((each) => (Buffer.isBuffer(each) ? each.toString('base64') : each))

async function groupsOf(settings: IdentitySettings, client: Client, dn: string, username: string): Promise<string[] | null> {
  const { AUTH_LDAP_GROUP_SEARCH_BASE: base, AUTH_LDAP_GROUP_NAME_ATTR: nameAttribute } = settings
  if (base === '') return null
  const names = { dn: Filter.escape(dn), user: Filter.escape(username) }
  const filter = fill(settings.AUTH_LDAP_GROUP_SEARCH_FILTER, names)
  const { searchEntries: found } = await client.search(base, { ...SEARCH, filter, attributes: [nameAttribute] })
  return found.map((entry) => firstText(entry[nameAttribute])).filter((name) => name !== '')
}

/** Puts values, escaped for where they stand, into a template; nothing in a value is taken for a place to fill. */
const fill = (template: string, values: Readonly<Record<string, string>>) =>
  template.replace(/%\((\w+)\)s/g, (place, name: string) => values[name] ?? place)

/** A value in a name of the directory (RFC 4514). */
const escapeDn = (value: string) =>
  value
    .replace(/[\\,+"<>;=#]/g, (sign) => `\\${sign}`)
    .replace(/\0/g, '\\00')
    .replace(/^ | $/g, '\\ ')
