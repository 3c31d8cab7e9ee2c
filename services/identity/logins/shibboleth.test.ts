// People of a federation: by SAML from an identity provider, and by the headers of a front-end.
import { sql } from '@synnefo/lib/sql'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser } from '../testing.ts'
import { openLoginBrowser } from './testing/browser.ts'
import { newKeyPair, openTestSamlProvider, type SamlAnswer } from './testing/saml-provider.ts'

const SHIBBOLETH = '/astakos/ui/login/shibboleth'
const ALICE: SamlAnswer = {
  nameId: 'alices-permanent-name',
  attributes: {
    'urn:oid:1.3.6.1.4.1.5923.1.1.1.6': 'alice@uni.test',
    'urn:oid:2.5.4.42': 'Alice',
    'urn:oid:2.5.4.4': 'Liddell',
    'urn:oid:0.9.2342.19200300.100.1.3': 'alice@mail.uni.test',
    'urn:oid:1.3.6.1.4.1.5923.1.1.1.9': 'student@uni.test',
  },
}
const TRUSTED: Partial<IdentitySettings> = {
  ASTAKOS_AUTH_PROVIDER_SHIBBOLETH_AUTOVERIFY_POLICY: true,
  ASTAKOS_AUTH_PROVIDER_SHIBBOLETH_USER_ATTR_MAP: {
    email: ['Shib-Mail', false],
    first_name: ['Shib-InetOrgPerson-givenName', false],
    last_name: ['Shib-Person-surname', false],
    affiliation: ['Shib-EP-Affiliation', false],
  },
}

interface Options {
  settings?: Partial<IdentitySettings>
  encrypts?: boolean
}

async function openCloud(finished: typeof onTestFinished, { settings = {}, encrypts = false }: Options = {}) {
  let spMetadata = async () => ''
  const provider = await openTestSamlProvider(finished, { spMetadata: () => spMetadata(), encrypts })
  const own = await newKeyPair(await temporaryFolder(finished), 'cloud')
  const api = await openTestApi(finished, {
    ASTAKOS_IM_MODULES: ['local', 'shibboleth'],
    ASTAKOS_SHIBBOLETH_IDP_METADATA: provider.metadataFile,
    ...(encrypts ? { ASTAKOS_SHIBBOLETH_KEY_FILE: own.keyFile, ASTAKOS_SHIBBOLETH_CERTIFICATE_FILE: own.certificateFile } : {}),
    ...TRUSTED,
    ...settings,
  })
  const browser = openLoginBrowser(api)
  spMetadata = async () => (await browser.get(`${SHIBBOLETH}/metadata`)).text
  const begin = async (query = '') => new URL((await browser.get(`${SHIBBOLETH}${query}`)).location)
  /** The identity provider's page posts without our cookies; the browser then comes with them. */
  async function post(response: string) {
    const answer = await api.app.inject({
      method: 'POST',
      url: `${SHIBBOLETH}/acs`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      payload: new URLSearchParams({ SAMLResponse: response }).toString(),
    })
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      browser.cookies.set(name!, value!)
    }
    return { status: answer.statusCode, location: String(answer.headers.location), headers: answer.headers }
  }
  async function goThrough(answer: SamlAnswer = ALICE, query = '') {
    const posted = await post(await provider.answer(await begin(query), answer))
    return browser.get(posted.location)
  }
  return { ...api, provider, browser, begin, post, goThrough }
}

test('a person of the federation signs in, with what his organisation says of him', async ({ onTestFinished }) => {
  const { browser, goThrough, db } = await openCloud(onTestFinished)
  expect((await goThrough(ALICE, '?next=/servers')).location).toBe('/servers')
  expect((await browser.session()).user).toMatchObject({ email: 'alice@mail.uni.test', firstName: 'Alice', lastName: 'Liddell' })
  const [link] = await db.any(sql`SELECT identifier, affiliation, info FROM identity.auth_providers`)
  expect(link).toMatchObject({
    identifier: 'alices-permanent-name',
    affiliation: 'student@uni.test',
    info: { EPPN: 'alice@uni.test', 'Shib-Mail': 'alice@mail.uni.test', 'Shib-Person-surname': 'Liddell' },
  })
})

test('assertions may be encrypted for this cloud, and its requests are signed then', async ({ onTestFinished }) => {
  const { browser, goThrough, begin } = await openCloud(onTestFinished, { encrypts: true })
  expect((await begin()).searchParams.get('Signature')).toBeTruthy()
  await goThrough()
  expect((await browser.session()).user).toMatchObject({ email: 'alice@mail.uni.test' })
})

test('the metadata of this cloud say where answers go', async ({ onTestFinished }) => {
  const { browser } = await openCloud(onTestFinished)
  const { text, headers } = await browser.get(`${SHIBBOLETH}/metadata`)
  expect(headers['content-type']).toMatch(/^application\/samlmetadata\+xml/)
  expect(text).toContain(`entityID="http://cloud.test${SHIBBOLETH}/metadata"`)
  expect(text).toContain(`Location="http://cloud.test${SHIBBOLETH}/acs"`)
  expect(text).toContain('WantAssertionsSigned="true"')
})

/** The wrapping still names the request, but nobody signed that. */
const withoutRequest = (xml: string) => xml.replace(/(<saml:SubjectConfirmationData[^>]*) InResponseTo="[^"]*"/, '$1')

test.for<[string, SamlAnswer, RegExp]>([
  ['without a signature', { ...ALICE, forge: (xml) => xml.replace(/<ds:Signature.*?<\/ds:Signature>/s, '') }, /not started/],
  [
    'changed after it was signed',
    { ...ALICE, forge: (xml) => xml.replace('alices-permanent-name', 'bobs-permanent-name') },
    /not started/,
  ],
  ['meant for another audience', { ...ALICE, instead: { Audience: 'https://other.test' } }, /not started/],
  ['meant for another address', { ...ALICE, instead: { SubjectRecipient: 'https://other.test/acs' } }, /not started/],
  ['that does not say for which address', { ...ALICE, shape: (xml) => xml.replace(/ Recipient="[^"]*"/, '') }, /not started/],
  ['whose signed part does not say to which request', { ...ALICE, shape: withoutRequest }, /not started/],
  ['of another issuer', { ...ALICE, instead: { Issuer: 'https://evil.test' } }, /not started/],
  ['to a request that we never made', { ...ALICE, instead: { InResponseTo: '_0123456789abcdef' } }, /not started/],
  ['to no request', { ...ALICE, instead: { InResponseTo: '' } }, /not started/],
  ['from the past', { ...ALICE, since: -7200, until: -3600 }, /not started/],
  ['from the future', { ...ALICE, since: 3600, until: 7200 }, /not started/],
  [
    'that is a refusal',
    {
      ...ALICE,
      forge: (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, '').replace('status:Success', 'status:Responder'),
    },
    /refused the sign-in/,
  ],
  ['about nobody', { attributes: { mail: 'alice@uni.test' }, nameId: ' ' }, /did not tell us who you are/],
])('an answer %s is refused', async ([, answer, words], { onTestFinished }) => {
  const { browser, begin, post, provider } = await openCloud(onTestFinished)
  const posted = await post(await provider.answer(await begin(), answer))
  expect(posted.location).toBe('/astakos/ui/login?outcome=')
  expect(await browser.outcome()).toMatchObject({ type: 'error', text: expect.stringMatching(words) })
  expect((await browser.get(`${SHIBBOLETH}/authenticated`)).location).toBe('/astakos/ui/login?outcome=')
  expect((await browser.session()).user).toBeUndefined()
})

test('clocks may differ by a minute', async ({ onTestFinished }) => {
  const { browser, goThrough } = await openCloud(onTestFinished)
  await goThrough({ ...ALICE, since: 30 })
  expect((await browser.session()).user).toMatchObject({ email: 'alice@mail.uni.test' })
})

test('an answer counts once, also when many bring it at once and to another request', async ({ onTestFinished }) => {
  const { browser, begin, post, provider, db } = await openCloud(onTestFinished)
  const answer = await provider.answer(await begin(), ALICE)
  const posted = await Promise.all(Array.from({ length: 5 }, () => post(answer)))
  const accepted = posted.filter(({ location }) => location.includes('/authenticated?answer='))
  expect(accepted).toHaveLength(1)
  await browser.get(accepted[0]!.location)
  expect((await browser.session()).user).toMatchObject({ email: 'alice@mail.uni.test' })
  expect((await post(answer)).location).toBe('/astakos/ui/login?outcome=')
  const fresh = await provider.answer(await begin(), { ...ALICE, instead: { AssertionID: '_the-same' } })
  const again = await provider.answer(await begin(), { ...ALICE, instead: { AssertionID: '_the-same' } })
  expect((await post(fresh)).location).toMatch(/authenticated\?answer=/)
  expect((await post(again)).location).toBe('/astakos/ui/login?outcome=')
  expect(await db.any(sql`SELECT id FROM identity.users`)).toHaveLength(1)
})

test('an answer to the request of another browser signs nobody in', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const victim = openLoginBrowser(cloud)
  const posted = await cloud.post(await cloud.provider.answer(await cloud.begin(), ALICE))
  expect((await victim.get(posted.location)).location).toBe('/astakos/ui/login?outcome=')
  expect(await victim.outcome()).toMatchObject({ text: expect.stringContaining('not started in this browser') })
})

test('who asked cannot come for what the browser of somebody else was led to answer', async ({ onTestFinished }) => {
  const { begin, browser: attacker, post, provider, goThrough } = await openCloud(onTestFinished)
  for (const guess of ['', '?answer=', `?answer=${'A'.repeat(43)}`]) {
    const request = await begin() // this address is sent to somebody who is signed in at the identity provider
    const posted = await post(await provider.answer(request, ALICE))
    expect(posted.location).toMatch(/\/authenticated\?answer=[\w-]{43}$/)
    expect(posted.headers['referrer-policy']).toBe('no-referrer')
    expect((await attacker.get(`${SHIBBOLETH}/authenticated${guess}`)).location).toBe('/astakos/ui/login?outcome=')
    expect((await attacker.session()).user).toBeUndefined()
  }
  await goThrough()
  expect((await attacker.session()).user).toMatchObject({ email: 'alice@mail.uni.test' })
})

test('metadata that cannot be used say so, to the operator in full', async ({ onTestFinished }) => {
  const { browser } = await openCloud(onTestFinished, { settings: { ASTAKOS_SHIBBOLETH_IDP_METADATA: '/nowhere.xml' } })
  expect((await browser.get(SHIBBOLETH)).location).toBe('/astakos/ui/login?outcome=')
  expect(await browser.outcome()).toMatchObject({ type: 'error', text: expect.stringContaining('not set up') })
})

test('one identity provider of a federation is chosen by its entity id', async ({ onTestFinished }) => {
  const chosen = await openCloud(onTestFinished, {
    settings: { ASTAKOS_SHIBBOLETH_IDP_ENTITY_ID: 'https://idp.example.test/idp/shibboleth' },
  })
  expect((await chosen.begin()).host).toBe('idp.example.test')
  const unknown = await openCloud(onTestFinished, { settings: { ASTAKOS_SHIBBOLETH_IDP_ENTITY_ID: 'https://other.test' } })
  await unknown.browser.get(SHIBBOLETH)
  expect(await unknown.browser.outcome()).toMatchObject({ text: expect.stringContaining('not set up') })
})

// The headers of a front-end.

const HEADERS = {
  remote_user: 'alices-permanent-name',
  eppn: 'alice@uni.test',
  'shib-inetorgperson-givenname': 'A.',
  'shib-person-surname': 'L.',
  'shib-inetorgperson-displayname': Buffer.from('Älice van Liddell').toString('latin1'),
  'shib-mail': 'alice@mail.uni.test',
  'shib-session-id': '_abc',
}
const BEHIND_PROXY = { ASTAKOS_SHIBBOLETH_TRUSTED_PROXIES: ['127.0.0.0/8'] }

test('the headers of a trusted front-end say who it is; a display name overrides the others', async ({ onTestFinished }) => {
  const { browser, db } = await openCloud(onTestFinished, { settings: BEHIND_PROXY })
  expect((await browser.get(`${SHIBBOLETH}?next=/servers`, HEADERS)).location).toBe('/servers')
  expect((await browser.session()).user).toMatchObject({
    firstName: 'Älice',
    lastName: 'van Liddell',
    email: 'alice@mail.uni.test',
  })
  const [{ info }] = (await db.any(sql`SELECT info FROM identity.auth_providers`)) as [{ info: object }]
  expect(info).toMatchObject({ EPPN: 'alice@uni.test', 'Shib-Session-ID': '_abc', 'Shib-Mail': 'alice@mail.uni.test' })
  expect((await browser.get(`${SHIBBOLETH}/metadata`)).status).toBe(404)
})

test('headers are not believed unless a setting names who sends them', async ({ onTestFinished }) => {
  const bySaml = await openCloud(onTestFinished)
  expect((await bySaml.browser.get(SHIBBOLETH, HEADERS)).location).toMatch(/^https:\/\/idp\.example\.test\//)
  const elsewhere = await openCloud(onTestFinished, {
    settings: { ASTAKOS_SHIBBOLETH_TRUSTED_PROXIES: ['192.0.2.1', '2001:db8::/32'] },
  })
  const forged = { ...HEADERS, 'x-forwarded-for': '192.0.2.1' }
  expect((await elsewhere.browser.get(SHIBBOLETH, forged)).location).toBe('/astakos/ui/login?outcome=')
  expect((await elsewhere.browser.session()).user).toBeUndefined()
})

test('who comes without an identifier, or without a name where one is needed, is told whom to ask', async ({
  onTestFinished,
}) => {
  const { browser } = await openCloud(onTestFinished, {
    settings: { ...BEHIND_PROXY, CONTACT_EMAIL: 'help@cloud.test', ASTAKOS_SHIBBOLETH_REQUIRE_NAME_INFO: true },
  })
  const { remote_user: _, ...nobody } = HEADERS
  await browser.get(SHIBBOLETH, nobody)
  expect(await browser.outcome()).toMatchObject({ text: expect.stringMatching(/who you are.*help@cloud\.test/) })
  await browser.get(SHIBBOLETH, { remote_user: 'x', 'shib-mail': 'x@uni.test', 'shib-inetorgperson-givenname': 'X' })
  expect(await browser.outcome()).toMatchObject({ text: expect.stringMatching(/your name.*help@cloud\.test/) })
})

test.for([true, false])('accounts that were linked by EPPN are migrated: %s', async (migrate, { onTestFinished }) => {
  const { browser, db, identity } = await openCloud(onTestFinished, {
    settings: { ...BEHIND_PROXY, ASTAKOS_SHIBBOLETH_MIGRATE_EPPN: migrate },
  })
  const { id, uuid } = await createTestUser(identity, { email: 'old@uni.test' })
  await db.run(sql`
    INSERT INTO identity.auth_providers (user_id, is_verified, module, identifier) VALUES (${id}, true, 'shibboleth', 'alice@uni.test')`)
  await browser.get(SHIBBOLETH, HEADERS)
  const { user } = await browser.session()
  if (migrate) expect(user).toMatchObject({ uuid })
  else expect(user.uuid).not.toBe(uuid)
})
