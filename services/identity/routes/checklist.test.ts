// The conformance checklist of the identity interface: what every implementation of it answers, one row each, named as
// in the checklist. Requests that differ in a detail only, and what else is refused, stand in conformance.test.ts.
import { sql } from '@synnefo/lib/sql'
import { afterAll, expect, type onTestFinished, test } from 'vitest'
import { deactivateUser } from '../index.ts'
import { addOAuthClient, prepareOAuthClient } from '../oauth2/clients.ts'
import { startSession } from '../sessions/sessions.ts'
import { createTestUser } from '../testing.ts'
import { openTestApi } from './open-test-api.ts'

const TOKENS = '/astakos/identity/v2.0/tokens'
const ACCOUNT = '/astakos/account/v1.0'
const OAUTH2 = '/astakos/oauth2'
const VIEW = 'https://view.example.test/back'
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT'

async function openCloud(finished: typeof onTestFinished) {
  const admins: string[] = []
  const api = await openTestApi(finished, { ASTAKOS_PROJECT_ADMINS: admins })
  const { app, db, identity } = api
  const cyclades = await api.serviceToken('cyclades')
  const person = () => createTestUser(identity, { limits: { 'cyclades.vm': 3n, 'astakos.pending_app': 1n } })
  const admin = await person()
  admins.push(admin.uuid)

  /** Sends a request; a body that is no text goes as JSON. */
  async function ask(
    method: Method,
    url: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const { token, body, headers = {} } = options
    const isText = typeof body === 'string' || Buffer.isBuffer(body)
    const answer = await app.inject({
      method,
      url,
      headers: { ...(body !== undefined && !isText ? JSON_TYPE : {}), ...(token ? { 'x-auth-token': token } : {}), ...headers },
      ...(body === undefined ? {} : { payload: isText ? body : JSON.stringify(body) }),
    })
    const json = answer.body.startsWith('{') || answer.body.startsWith('[') ? answer.json() : undefined
    const fault = json && !Array.isArray(json) ? (Object.values(json)[0] as { code?: number; message?: string }) : undefined
    return { status: answer.statusCode, json, message: fault?.message, headers: answer.headers }
  }
  const authenticate = (auth: unknown, headers: Record<string, string> = {}) => ask('POST', TOKENS, { body: { auth }, headers })

  const provision = (uuid: string, quantity: unknown, resource = 'cyclades.vm') => ({
    holder: `user:${uuid}`,
    source: `project:${uuid}`,
    resource,
    quantity,
  })
  const commission = (body: unknown) => ask('POST', `${ACCOUNT}/commissions`, { token: cyclades, body })
  const resolve = (body: unknown, serial = '') =>
    ask('POST', `${ACCOUNT}/commissions/${serial ? `${serial}/` : ''}action`, { token: cyclades, body })
  const usage = async ({ uuid, token }: { uuid: string; token: string }) => {
    const { limit, usage: used, pending } = (await ask('GET', `${ACCOUNT}/quotas`, { token })).json[uuid]['cyclades.vm']
    return { limit, used, pending }
  }

  let projects = 0
  const nextName = () => `project-${++projects}.example.org`
  const application = (name = nextName()) => ({
    name,
    end_date: '2113-05-05T20:20:20Z',
    resources: { 'cyclades.vm': { member_capacity: 1, project_capacity: 2 } },
  })
  const apply = (token: string, body: object = application()) => ask('POST', `${ACCOUNT}/projects`, { token, body })
  const act = (token: string, project: string, action: string, app_id?: number) =>
    ask('POST', `${ACCOUNT}/projects/${project}/action`, { token, body: { [action]: { app_id, reason: '' } } })

  const session = async (user: Awaited<ReturnType<typeof person>>) => {
    const origin = { address: '127.0.0.1', userAgent: '', method: 'local' }
    return { cookie: `sessionid=${(await db.transaction((tx) => startSession(identity, tx, user, origin))).secret}` }
  }
  for (const [identifier, secret] of [
    ['view', 'view secret'],
    ['other', 'other secret'],
  ] as const) {
    const redirectUrls = [VIEW]
    const prepared = await prepareOAuthClient({ identifier, type: 'confidential', secret, isTrusted: true, redirectUrls })
    await db.transaction((tx) => addOAuthClient(tx, prepared))
  }
  const basic = (name: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${name} secret`).toString('base64')}`,
  })
  const authorize = (parameters: Record<string, string>, headers: Record<string, string>) =>
    ask('GET', `${OAUTH2}/auth?${new URLSearchParams(parameters)}`, { headers })
  async function newCode(headers: Record<string, string>, scope = '/object') {
    const answer = await authorize({ response_type: 'code', client_id: 'view', redirect_uri: VIEW, scope }, headers)
    const code = new URL(String(answer.headers.location)).searchParams.get('code')!
    return { grant_type: 'authorization_code', code, redirect_uri: VIEW }
  }
  const trade = (parameters: Record<string, string>, headers: Record<string, string> = basic('view')) =>
    ask('POST', `${OAUTH2}/token`, { body: String(new URLSearchParams(parameters)), headers: { ...FORM_TYPE, ...headers } })
  const accessToken = async (headers: Record<string, string>, scope?: string): Promise<string> =>
    (await trade(await newCode(headers, scope))).json.access_token
  const codes = async () => (await db.one<{ count: number }>(sql`SELECT count(*)::int AS count FROM identity.oauth2_codes`)).count

  const calls = { ask, authenticate, provision, commission, resolve, usage, apply, act, application, nextName }
  return { ...api, ...calls, cyclades, admin, person, session, basic, authorize, newCode, trade, accessToken, codes }
}

type Cloud = Awaited<ReturnType<typeof openCloud>>

async function inactive({ db, identity, person }: Cloud) {
  const user = await person()
  await db.transaction((tx) => deactivateUser(identity, tx, user.id, 'left'))
  identity.authenticator.forget([])
  return user
}

const checklist: [string, (cloud: Cloud) => Promise<void>][] = [
  [
    'GET /identity/v2.0/tokens: 405, Allow: POST',
    async ({ ask }) => {
      const { status, headers, json } = await ask('GET', TOKENS)
      expect([status, headers.allow, json.notAllowed.message]).toEqual([405, 'POST', 'Method not allowed'])
    },
  ],
  [
    'POST tokens, empty body: 200, only serviceCatalog',
    async ({ ask }) => {
      for (const headers of [{}, JSON_TYPE, { 'content-length': '0' }] as Record<string, string>[]) {
        const { status, json } = await ask('POST', TOKENS, { headers })
        expect([status, Object.keys(json.access)]).toEqual([200, ['serviceCatalog']])
      }
    },
  ],
  [
    "POST tokens with application/xml body: 400 Unsupported Content-type: 'application/xml'",
    async ({ ask }) => {
      const { status, message } = await ask('POST', TOKENS, { body: '<auth/>', headers: { 'content-type': 'application/xml' } })
      expect([status, message]).toEqual([400, "Unsupported Content-type: 'application/xml'"])
    },
  ],
  [
    'POST tokens, body not json: 400 Could not decode request body as JSON',
    async ({ ask }) => {
      const { status, message } = await ask('POST', TOKENS, { body: 'not json', headers: JSON_TYPE })
      expect([status, message]).toEqual([400, 'Could not decode request body as JSON'])
    },
  ],
  [
    'passwordCredentials without password, or without username; auth without token/passwordCredentials: 400 Malformed request',
    async ({ authenticate, person }) => {
      const { uuid, token } = await person()
      for (const auth of [{ passwordCredentials: { username: uuid } }, { passwordCredentials: { password: token } }, {}]) {
        const { status, message } = await authenticate(auth)
        expect([status, message]).toEqual([400, expect.stringMatching(/^Malformed request/)])
      }
    },
  ],
  [
    'password empty: 401 Invalid token',
    async ({ authenticate, person }) => {
      const { uuid } = await person()
      const { status, message } = await authenticate({ passwordCredentials: { username: uuid, password: '' } })
      expect([status, message]).toEqual([401, 'Invalid token'])
    },
  ],
  [
    'username of user A with token of user B: 401 Invalid credentials',
    async ({ authenticate, person }) => {
      const [a, b] = [await person(), await person()]
      const { status, message } = await authenticate({ passwordCredentials: { username: a.uuid, password: b.token } })
      expect([status, message]).toEqual([401, 'Invalid credentials'])
    },
  ],
  [
    'token of A with tenantName of B: 400 Not conforming tenantName; tenantName "": 200',
    async ({ authenticate, person }) => {
      const [a, b] = [await person(), await person()]
      const { status, message } = await authenticate({ token: { id: a.token }, tenantName: b.uuid })
      expect([status, message]).toEqual([400, 'Not conforming tenantName'])
      expect((await authenticate({ token: { id: a.token }, tenantName: '' })).status).toBe(200)
    },
  ],
  [
    'OAuth access token used as API token: 401',
    async ({ authenticate, accessToken, session, person, ask }) => {
      const token = await accessToken(await session(await person()))
      expect((await authenticate({ token: { id: token } })).status).toBe(401)
      expect((await ask('GET', `${ACCOUNT}/quotas`, { token })).status).toBe(401)
    },
  ],
  [
    'Accept: application/xml on a good call: 200, application/xml',
    async ({ authenticate, person }) => {
      const { token } = await person()
      const { status, headers } = await authenticate({ token: { id: token } }, { accept: 'application/xml' })
      expect([status, headers['content-type']]).toEqual([200, 'application/xml; charset=UTF-8'])
    },
  ],
  [
    'POST/PUT/HEAD on tokens/<id>: 405',
    async ({ ask }) => {
      for (const method of ['POST', 'PUT', 'HEAD'] as const) expect((await ask(method, `${TOKENS}/some`)).status).toBe(405)
    },
  ],
  [
    'belongsTo outside / inside scope: 404 / 200; after expiry 404 and the token is gone',
    async ({ ask, accessToken, session, person, db }) => {
      const token = await accessToken(await session(await person()), '/account/container')
      const validate = (belongsTo: string) => ask('GET', `${TOKENS}/${token}?belongsTo=${encodeURIComponent(belongsTo)}`)
      expect((await validate('/elsewhere')).status).toBe(404)
      expect((await validate('/account/container/object')).status).toBe(200)
      const { id } = await db.one<{ id: bigint }>(sql`
        UPDATE identity.oauth2_tokens SET expires_at = now() - interval '1 second'
        WHERE id = (SELECT max(id) FROM identity.oauth2_tokens) RETURNING id`)
      expect([(await validate('/account/container')).status, (await ask('GET', `${TOKENS}/${token}`)).message]).toEqual([
        404,
        'No such token',
      ])
      expect(await db.any(sql`SELECT id FROM identity.oauth2_tokens WHERE id = ${id}`)).toEqual([])
    },
  ],
  [
    'GET /account/v1.0/nonexistent, /identity/v2.0/nonexistent: 400 JSON fault',
    async ({ ask }) => {
      for (const url of [`${ACCOUNT}/nonexistent`, '/astakos/identity/v2.0/nonexistent']) {
        const { status, json } = await ask('GET', url)
        expect([status, json]).toEqual([400, { badRequest: { code: 400, message: 'API endpoint not found', details: '' } }])
      }
    },
  ],
  [
    'GET quotas without token; with token of an inactive user: 401; 401',
    async (cloud) => {
      expect((await cloud.ask('GET', `${ACCOUNT}/quotas`)).status).toBe(401)
      const { token } = await inactive(cloud)
      expect((await cloud.ask('GET', `${ACCOUNT}/quotas`, { token })).status).toBe(401)
    },
  ],
  [
    'HEAD /account/v1.0/commissions: 405 with Allow',
    async ({ ask }) => {
      const { status, headers } = await ask('HEAD', `${ACCOUNT}/commissions`)
      expect([status, headers.allow]).toEqual([405, 'GET,POST'])
    },
  ],
  [
    'POST commissions over limit: 413; nothing charged, also for the provisions that would fit',
    async ({ commission, provision, person, usage }) => {
      const [a, b] = [await person(), await person()]
      const { status, json } = await commission({ provisions: [provision(b.uuid, 1), provision(a.uuid, 4)] })
      expect(status).toBe(413)
      expect(json.overLimit.data).toMatchObject({ name: 'NoCapacityError', limit: 3, usage: 0, provision: { quantity: 4 } })
      for (const user of [a, b]) expect(await usage(user)).toEqual({ limit: 3, used: 0, pending: 0 })
    },
  ],
  [
    'POST commissions with unknown resource: 404',
    async ({ commission, provision, person }) => {
      const { uuid } = await person()
      const { status, json } = await commission({ provisions: [provision(uuid, 1, 'cyclades.dreams')] })
      expect([status, json.itemNotFound.data.name]).toEqual([404, 'NoHoldingError'])
    },
  ],
  [
    'three identical commissions pending: usage and pending raised threefold for the user; serials increase',
    async ({ commission, provision, person, usage }) => {
      const user = await person()
      const serials: number[] = []
      for (let n = 0; n < 3; n += 1) serials.push((await commission({ provisions: [provision(user.uuid, 1)] })).json.serial)
      expect(serials).toEqual([...new Set(serials)].sort((a, b) => a - b))
      expect(await usage(user)).toEqual({ limit: 3, used: 3, pending: 3 })
    },
  ],
  [
    'resolve accept [a, c], reject [b, c, x]: accepted [a], rejected [b], failed has c and x',
    async ({ commission, provision, person, resolve, usage }) => {
      const user = await person()
      const issue = async () => (await commission({ provisions: [provision(user.uuid, 1)] })).json.serial as number
      const [a, b, c, x] = [await issue(), await issue(), await issue(), 987_654_321]
      const { status, json } = await resolve({ accept: [a, c], reject: [b, c, x] })
      expect(status).toBe(200)
      expect(json).toMatchObject({ accepted: [a], rejected: [b] })
      expect(json.failed.sort()).toEqual([
        [c, { badRequest: { code: 400, message: `cannot both accept and reject serial ${c}` } }],
        [x, { itemNotFound: { code: 404, message: `serial ${x} does not exist` } }],
      ])
      expect(await usage(user)).toEqual({ limit: 3, used: 2, pending: 1 })
    },
  ],
  [
    'GET a resolved or auto-accepted serial: 404',
    async ({ ask, commission, provision, person, resolve, cyclades }) => {
      const { uuid } = await person()
      const { serial } = (await commission({ provisions: [provision(uuid, 1)] })).json
      const get = (number: number) => ask('GET', `${ACCOUNT}/commissions/${number}`, { token: cyclades })
      expect((await get(serial)).status).toBe(200)
      expect((await resolve({ accept: '' }, String(serial))).status).toBe(200)
      expect((await get(serial)).status).toBe(404)
      const accepted = await commission({ auto_accept: true, provisions: [provision(uuid, 1)] })
      expect([accepted.status, (await get(accepted.json.serial)).status]).toEqual([201, 404])
    },
  ],
  [
    'release 1 then accept; accept again: 200; 404',
    async ({ commission, provision, person, resolve, usage }) => {
      const user = await person()
      await commission({ auto_accept: true, provisions: [provision(user.uuid, 2)] })
      const { serial } = (await commission({ provisions: [provision(user.uuid, -1)] })).json
      expect((await resolve({ accept: '' }, String(serial))).status).toBe(200)
      expect((await resolve({ accept: '' }, String(serial))).status).toBe(404)
      expect(await usage(user)).toEqual({ limit: 3, used: 1, pending: 0 })
    },
  ],
  [
    'forced import over limit; forced release below zero: 201; 413',
    async ({ commission, provision, person }) => {
      const { uuid } = await person()
      expect((await commission({ force: true, provisions: [provision(uuid, 9)] })).status).toBe(201)
      expect((await commission({ force: true, provisions: [provision(uuid, -99)] })).status).toBe(413)
    },
  ],
  [
    'provisions not a list, provision without quantity, body a JSON string, body not UTF-8: 400',
    async ({ ask, commission, provision, person, cyclades }) => {
      const { uuid } = await person()
      const { quantity: _, ...incomplete } = provision(uuid, 1)
      for (const provisions of ['text', [incomplete]]) expect((await commission({ provisions })).status).toBe(400)
      for (const body of ['"text"', Buffer.from([0x22, 0xff, 0x22])])
        expect((await ask('POST', `${ACCOUNT}/commissions`, { token: cyclades, body, headers: JSON_TYPE })).status).toBe(400)
    },
  ],
  [
    'user_catalogs without, with bad, with expired token, of inactive user: 401 each',
    async (cloud) => {
      const { ask, db, person, identity } = cloud
      const expired = await person()
      await db.run(sql`UPDATE identity.tokens SET expires_at = now() - interval '1 minute' WHERE user_id = ${expired.id}`)
      identity.authenticator.forget([])
      const left = await inactive(cloud)
      const shown: Record<string, string>[] = [
        {},
        { 'x-auth-token': '12345' },
        { 'x-auth-token': expired.token },
        { 'x-auth-token': left.token },
      ]
      for (const headers of shown)
        expect((await ask('POST', `${ACCOUNT}/user_catalogs`, { headers, body: { uuids: [] } })).status).toBe(401)
    },
  ],
  [
    'user_catalogs with a JSON string body: 400',
    async ({ ask, person }) => {
      const { token } = await person()
      expect((await ask('POST', `${ACCOUNT}/user_catalogs`, { token, body: '"text"' })).status).toBe(400)
    },
  ],
  [
    'approve by the owner: 403',
    async ({ apply, act, person }) => {
      const { token } = await person()
      const { id, application } = (await apply(token)).json
      expect((await act(token, id, 'approve', application)).status).toBe(403)
    },
  ],
  [
    'create beyond the pending limit: 409; after cancel it works again',
    async ({ apply, act, person }) => {
      const { token } = await person()
      const { id, application } = (await apply(token)).json
      expect((await apply(token)).status).toBe(409)
      expect((await act(token, id, 'cancel', application)).status).toBe(200)
      expect((await apply(token)).status).toBe(201)
    },
  ],
  [
    'modify an uninitialised project: 409; unknown project 404',
    async ({ ask, apply, person }) => {
      const { token } = await person()
      const { id } = (await apply(token)).json
      const modify = (project: string) => ask('PUT', `${ACCOUNT}/projects/${project}`, { token, body: { description: 'new' } })
      expect((await modify(id)).status).toBe(409)
      expect((await modify('00000000-0000-4000-8000-000000000000')).status).toBe(404)
    },
  ],
  [
    'dismiss a pending, accept a non-requested membership: 409',
    async ({ ask, apply, act, person, admin }) => {
      const [owner, member] = [await person(), await person()]
      const { id, application } = (await apply(owner.token)).json
      expect((await act(owner.token, id, 'dismiss', application)).status).toBe(409)
      expect((await act(admin.token, id, 'approve', application)).status).toBe(200)
      const enrolled = await ask('POST', `${ACCOUNT}/projects/memberships`, {
        token: owner.token,
        body: { enroll: { project: id, user: member.email } },
      })
      expect(enrolled.status).toBe(200)
      const accept = await ask('POST', `${ACCOUNT}/projects/memberships/${enrolled.json.id}/action`, {
        token: owner.token,
        body: { accept: '' },
      })
      expect(accept.status).toBe(409)
    },
  ],
  [
    'approve a project whose name is in use: 409',
    async ({ apply, act, application, nextName, person, admin }) => {
      const name = nextName()
      const applied = [
        await apply((await person()).token, application(name)),
        await apply((await person()).token, application(name)),
      ]
      const [first, second] = applied.map(({ json }) => json as { id: string; application: number })
      expect((await act(admin.token, first!.id, 'approve', first!.application)).status).toBe(200)
      expect((await act(admin.token, second!.id, 'approve', second!.application)).status).toBe(409)
    },
  ],
  [
    'oauth auth: missing/unsupported/unknown response_type, missing or fake client, mixed-up credentials, relative or mismatching redirect URI: 400, no code created',
    async ({ authorize, session, person, basic, codes }) => {
      const signedIn = await session(await person())
      const good = { response_type: 'code', client_id: 'view', redirect_uri: VIEW }
      const before = await codes()
      const { response_type: _, ...noType } = good
      const { client_id: __, ...noClient } = good
      for (const parameters of [
        noType,
        { ...good, response_type: 'token' },
        { ...good, response_type: 'dreams' },
        noClient,
        { ...good, client_id: 'fake' },
        { ...good, redirect_uri: '/relative' },
        { ...good, redirect_uri: 'https://evil.example.test/back' },
        { ...good, redirect_uri: `${VIEW}ward` },
      ]) {
        expect([parameters, (await authorize(parameters, signedIn)).status]).toEqual([parameters, 400])
      }
      expect((await authorize(good, { ...signedIn, ...basic('other') })).status).toBe(400)
      expect(await codes()).toBe(before)
      expect([(await authorize(good, signedIn)).status, await codes()]).toEqual([302, before + 1])
    },
  ],
  [
    'oauth token: GET; wrong content type; missing or unsupported grant type; foreign code; changed redirect URI: 405 Allow: POST; 400 for the rest',
    async ({ ask, trade, newCode, session, person, basic }) => {
      const get = await ask('GET', `${OAUTH2}/token`)
      expect([get.status, get.headers.allow]).toEqual([405, 'POST'])
      const signedIn = await session(await person())
      const good = await newCode(signedIn)
      const { grant_type: _, ...noGrant } = good
      const asJson = await ask('POST', `${OAUTH2}/token`, { body: good, headers: basic('view') })
      expect(asJson.status).toBe(400)
      for (const parameters of [noGrant, { ...good, grant_type: 'password' }, { ...good, redirect_uri: `${VIEW}/other` }])
        expect([parameters, (await trade(parameters)).status]).toEqual([parameters, 400])
      expect((await trade(await newCode(signedIn), basic('other'))).status).toBe(400)
    },
  ],
  [
    'oauth code used twice: 400',
    async ({ trade, newCode, session, person }) => {
      const code = await newCode(await session(await person()))
      expect([(await trade(code)).status, (await trade(code)).status]).toEqual([200, 400])
    },
  ],
  [
    'weblogin next=https://… / unknown scheme / pithos://localhost/ logged in: 403 / 403 / 302 with uuid and token',
    async ({ ask, session, person }) => {
      const user = await person()
      const headers = await session(user)
      const login = (next: string) => ask('GET', `/astakos/weblogin/login?next=${encodeURIComponent(next)}`, { headers })
      expect((await login('https://evil.example.test/')).status).toBe(403)
      expect((await login('unknown://localhost/')).status).toBe(403)
      const good = await login('pithos://localhost/')
      expect([good.status, good.headers.location]).toEqual([302, `pithos://localhost/?uuid=${user.uuid}&token=${user.token}`])
    },
  ],
  [
    'request to send/activation/<id> after a new sign-up with the same address: the older registration is gone; its link is invalid',
    async ({ ask, db, mailer, tasks }) => {
      const email = 'twice@example.test'
      const form = { email, firstName: 'Two', lastName: 'Times', password: 'two times the charm' }
      const codeMailed = async () => {
        await tasks.settle()
        return /activate\?auth=([^&\s]+)/.exec(mailer.sent.findLast(({ to }) => to === email)!.text)![1]!
      }
      const id = async () => (await db.one<{ id: bigint }>(sql`SELECT id FROM identity.users WHERE email = ${email}`)).id
      expect((await ask('POST', '/astakos/ui/api/signup', { body: form })).status).toBeLessThan(300)
      const [older, olderCode] = [await id(), await codeMailed()]
      expect((await ask('POST', '/astakos/ui/api/signup', { body: form })).status).toBeLessThan(300)
      const newer = await id() // one row: the older registration is gone
      expect(newer).not.toBe(older)
      await codeMailed()
      const sent = mailer.sent.length
      await ask('GET', `/astakos/ui/send/activation/${older}`)
      await tasks.settle()
      expect(mailer.sent).toHaveLength(sent)
      expect(
        (await ask('POST', '/astakos/ui/api/activate', { body: { code: olderCode, auth: olderCode } })).status,
      ).toBeGreaterThanOrEqual(400)
    },
  ],
]

// Each row makes the people it needs; so all share one cloud.
let shared: Promise<Cloud> | undefined
const cleanUps: (() => unknown)[] = []
const sharedCloud = () => {
  shared ??= openCloud((work) => void cleanUps.unshift(work as () => unknown))
  return shared
}
afterAll(async () => {
  for (const work of cleanUps) await work()
})

test.for(checklist)('%s', async ([, check]) => check(await sharedCloud()))
