// The request-to-status rows of identity-api.md that concern tokens, quotas, commissions and catalogues of users: what
// clients send and what they are answered, one row each.
import { sql } from '@synnefo/lib/sql'
import { afterAll, expect, type onTestFinished, test } from 'vitest'
import { deactivateUser } from '../index.ts'
import { createTestUser, type TestUser } from '../testing.ts'
import { openTestApi, type TestApi } from './open-test-api.ts'

interface Cloud extends TestApi {
  alice: TestUser
  bob: TestUser
  expired: TestUser
  inactive: TestUser
  cyclades: string
  pithos: string
}

async function openCloud(finished: typeof onTestFinished): Promise<Cloud> {
  const api = await openTestApi(finished)
  const { identity, db } = api
  const alice = await createTestUser(identity, { firstName: 'Alice', lastName: 'Liddell', limits: { 'cyclades.vm': 3n } })
  const bob = await createTestUser(identity)
  const expired = await createTestUser(identity)
  await db.run(sql`UPDATE identity.tokens SET expires_at = now() - interval '1 minute' WHERE user_id = ${expired.id}`)
  const inactive = await createTestUser(identity)
  await db.transaction((tx) => deactivateUser(identity, tx, inactive.id, 'left'))
  identity.authenticator.forget([])
  return {
    ...api,
    alice,
    bob,
    expired,
    inactive,
    cyclades: await api.serviceToken('cyclades'),
    pithos: await api.serviceToken('pithos'),
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

interface Row {
  what: string
  method: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'DELETE'
  path: string
  /** JSON when it is no text. */
  body?: (cloud: Cloud) => unknown
  headers?: (cloud: Cloud) => Record<string, string>
  status: number
  /** The fault's message, or a part of it. */
  message?: string | RegExp
  fault?: string
  header?: [string, string | RegExp]
}

const TOKENS = '/astakos/identity/v2.0/tokens'
const ACCOUNT = '/astakos/account/v1.0'
const DEFAULT_PROJECT = `${ACCOUNT}/myaccount/default_project`

const auth = (auth: (cloud: Cloud) => unknown) => (cloud: Cloud) => ({ auth: auth(cloud) })
const userToken = (cloud: Cloud) => ({ 'x-auth-token': cloud.alice.token })
const serviceToken = (cloud: Cloud) => ({ 'x-auth-token': cloud.cyclades, ...JSON_TYPE })
const provision = (holder: string, quantity: unknown, resource = 'cyclades.vm') => ({ holder, source: null, resource, quantity })

const rows: Row[] = [
  // Tokens
  { what: 'reading tokens', method: 'GET', path: TOKENS, status: 405, fault: 'notAllowed', header: ['allow', 'POST'] },
  { what: 'HEAD of tokens', method: 'HEAD', path: TOKENS, status: 405, header: ['allow', 'POST'] },
  { what: 'no body', method: 'POST', path: TOKENS, status: 200 },
  { what: 'no body but a JSON type', method: 'POST', path: TOKENS, headers: () => JSON_TYPE, status: 200 },
  { what: 'no body, a slash at the end', method: 'POST', path: `${TOKENS}/`, status: 200 },
  {
    what: 'an XML body',
    method: 'POST',
    path: TOKENS,
    headers: () => ({ 'content-type': 'application/xml' }),
    body: () => '<auth/>',
    status: 400,
    message: "Unsupported Content-type: 'application/xml'",
  },
  {
    what: 'a body of no type',
    method: 'POST',
    path: TOKENS,
    body: () => '{}',
    headers: () => ({ 'content-type': '' }),
    status: 400,
  },
  {
    what: 'not JSON',
    method: 'POST',
    path: TOKENS,
    headers: () => JSON_TYPE,
    body: () => 'not json',
    status: 400,
    message: 'Could not decode request body as JSON',
  },
  {
    what: 'not UTF-8',
    method: 'POST',
    path: TOKENS,
    headers: () => JSON_TYPE,
    body: () => Buffer.from([0x22, 0xff, 0x22]),
    status: 400,
    message: 'Could not decode request as UTF-8 string',
  },
  {
    what: 'a JSON text',
    method: 'POST',
    path: TOKENS,
    headers: () => JSON_TYPE,
    body: () => '"text"',
    status: 400,
    message: 'Request should be a JSON dict',
  },
  { what: 'a JSON null', method: 'POST', path: TOKENS, headers: () => JSON_TYPE, body: () => 'null', status: 400 },
  { what: 'no auth', method: 'POST', path: TOKENS, body: () => ({}), status: 400, message: /^Malformed request/ },
  {
    what: 'auth of the wrong type',
    method: 'POST',
    path: TOKENS,
    body: () => ({ auth: [] }),
    status: 400,
    message: /^Malformed request/,
  },
  { what: 'empty auth', method: 'POST', path: TOKENS, body: auth(() => ({})), status: 400, message: /^Malformed request/ },
  {
    what: 'credentials without password',
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice }) => ({ passwordCredentials: { username: alice.uuid } })),
    status: 400,
    message: /^Malformed request/,
  },
  {
    what: 'credentials without user name',
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice }) => ({ passwordCredentials: { password: alice.token } })),
    status: 400,
    message: /^Malformed request/,
  },
  {
    what: 'a null token',
    method: 'POST',
    path: TOKENS,
    body: auth(() => ({ token: { id: null } })),
    status: 400,
    message: 'Malformed request: missing token',
  },
  { what: 'a numeric token', method: 'POST', path: TOKENS, body: auth(() => ({ token: { id: 12345 } })), status: 400 },
  {
    what: 'an empty token',
    method: 'POST',
    path: TOKENS,
    body: auth(() => ({ token: { id: '' } })),
    status: 401,
    message: 'Invalid token',
  },
  {
    what: 'an unknown token',
    method: 'POST',
    path: TOKENS,
    body: auth(() => ({ token: { id: '12345' } })),
    status: 401,
    message: 'Invalid token',
  },
  {
    what: 'an empty password',
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice }) => ({ passwordCredentials: { username: alice.uuid, password: '' } })),
    status: 401,
    message: 'Invalid token',
  },
  {
    what: "a service's token as a person's",
    method: 'POST',
    path: TOKENS,
    body: auth(({ cyclades }) => ({ token: { id: cyclades } })),
    status: 401,
    message: 'Invalid token',
  },
  {
    what: "the name of one person with another's token",
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice, bob }) => ({ passwordCredentials: { username: alice.uuid, password: bob.token } })),
    status: 401,
    message: 'Invalid credentials',
  },
  {
    what: 'an expired token',
    method: 'POST',
    path: TOKENS,
    body: auth(({ expired }) => ({ token: { id: expired.token } })),
    status: 401,
    message: 'Authentication expired',
  },
  {
    what: 'an inactive person',
    method: 'POST',
    path: TOKENS,
    body: auth(({ inactive }) => ({ token: { id: inactive.token } })),
    status: 401,
    message: 'User inactive',
  },
  {
    what: "another's tenant name",
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice, bob }) => ({ token: { id: alice.token }, tenantName: bob.uuid })),
    status: 400,
    message: 'Not conforming tenantName',
  },
  {
    what: 'an empty tenant name',
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice }) => ({ token: { id: alice.token }, tenantName: '' })),
    status: 200,
  },
  {
    what: 'the own tenant name',
    method: 'POST',
    path: TOKENS,
    body: auth(({ alice }) => ({ token: { id: alice.token }, tenantName: alice.uuid })),
    status: 200,
  },
  {
    what: 'a good token asked for as XML',
    method: 'POST',
    path: TOKENS,
    headers: () => ({ ...JSON_TYPE, accept: 'application/xml' }),
    body: auth(({ alice }) => ({ token: { id: alice.token } })),
    status: 200,
    header: ['content-type', /^application\/xml/],
  },
  { what: 'XML by suffix', method: 'POST', path: `${TOKENS}.xml`, status: 200, header: ['content-type', /^application\/xml/] },
  { what: 'posting to a token', method: 'POST', path: `${TOKENS}/abc`, status: 405, header: ['allow', 'GET'] },
  { what: 'putting a token', method: 'PUT', path: `${TOKENS}/abc`, status: 405 },
  { what: 'HEAD of a token', method: 'HEAD', path: `${TOKENS}/abc`, status: 405 },
  { what: 'validating a token that is none', method: 'GET', path: `${TOKENS}/abc`, status: 404, message: 'No such token' },
  // Unknown addresses
  {
    what: 'an unknown account call',
    method: 'GET',
    path: `${ACCOUNT}/nonexistent`,
    status: 400,
    fault: 'badRequest',
    message: 'API endpoint not found',
  },
  {
    what: 'an unknown identity call',
    method: 'GET',
    path: '/astakos/identity/v2.0/nonexistent',
    status: 400,
    fault: 'badRequest',
  },
  { what: 'versions', method: 'GET', path: '/astakos/identity/', status: 200 },
  { what: 'versions as JSON', method: 'GET', path: '/astakos/identity/.json', status: 200 },
  { what: 'the version', method: 'GET', path: '/astakos/identity/v2.0', status: 200 },
  // Quotas
  {
    what: 'quotas without a token',
    method: 'GET',
    path: `${ACCOUNT}/quotas`,
    status: 401,
    message: 'Access denied. No authentication token',
  },
  {
    what: 'quotas of an inactive person',
    method: 'GET',
    path: `${ACCOUNT}/quotas`,
    headers: ({ inactive }) => ({ 'x-auth-token': inactive.token }),
    status: 401,
  },
  {
    what: "quotas with a service's token",
    method: 'GET',
    path: `${ACCOUNT}/quotas`,
    headers: ({ cyclades }) => ({ 'x-auth-token': cyclades }),
    status: 401,
  },
  { what: 'quotas', method: 'GET', path: `${ACCOUNT}/quotas`, headers: userToken, status: 200 },
  {
    what: 'quotas of a service with a personal token',
    method: 'GET',
    path: `${ACCOUNT}/service_quotas`,
    headers: userToken,
    status: 401,
  },
  {
    what: 'quotas of nobody',
    method: 'GET',
    path: `${ACCOUNT}/service_quotas?user=nobody`,
    headers: serviceToken,
    status: 404,
    message: "No user with UUID 'nobody'",
  },
  {
    what: 'quotas of no project',
    method: 'GET',
    path: `${ACCOUNT}/service_quotas?project=none`,
    headers: serviceToken,
    status: 200,
  },
  {
    what: 'project quotas of no project',
    method: 'GET',
    path: `${ACCOUNT}/service_project_quotas?project=none`,
    headers: serviceToken,
    status: 404,
  },
  { what: 'resources', method: 'GET', path: `${ACCOUNT}/resources`, status: 200 },
  // Commissions
  { what: 'HEAD of commissions', method: 'HEAD', path: `${ACCOUNT}/commissions`, status: 405, header: ['allow', 'GET,POST'] },
  { what: 'commissions with a personal token', method: 'GET', path: `${ACCOUNT}/commissions`, headers: userToken, status: 401 },
  {
    what: 'commissions without provisions',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: () => ({}),
    status: 400,
    message: 'Provisions are missing.',
  },
  {
    what: 'a body that is no JSON from nobody',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: () => JSON_TYPE,
    body: () => '{',
    status: 401,
    message: 'Access denied. No authentication token',
  },
  {
    what: 'provisions that are no list',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: () => ({ provisions: 'text' }),
    status: 400,
    message: 'Provisions should be a list.',
  },
  ...[
    { quantity: 1 },
    provision('user:x', undefined),
    provision('user:x', 1.5),
    provision('user:x', true),
    provision('user:x', '1'),
    null,
    7,
  ].map(
    (item): Row => ({
      what: `provision ${JSON.stringify(item)}`,
      method: 'POST',
      path: `${ACCOUNT}/commissions`,
      headers: serviceToken,
      body: () => ({ provisions: [item] }),
      status: 400,
      message: /^Malformed provision/,
    }),
  ),
  ...Object.entries({
    force: '"force" option should be a boolean.',
    auto_accept: '"auto_accept" option should be a boolean.',
    name: 'Commission name should be a string.',
  }).map(
    ([option, message]): Row => ({
      what: `${option} of a wrong type`,
      method: 'POST',
      path: `${ACCOUNT}/commissions`,
      headers: serviceToken,
      body: () => ({ provisions: [], [option]: 1 }),
      status: 400,
      message,
    }),
  ),
  {
    what: 'a commission that is a JSON text',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: () => '"text"',
    status: 400,
  },
  {
    what: 'an unknown resource',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: ({ alice }) => ({ provisions: [provision(`project:${alice.uuid}`, 1, 'cyclades.dreams')] }),
    status: 404,
    fault: 'itemNotFound',
  },
  {
    what: 'too much',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: ({ alice }) => ({ provisions: [provision(`project:${alice.uuid}`, 4)] }),
    status: 413,
    fault: 'overLimit',
    message: /has not enough capacity of cyclades.vm\.$/,
  },
  {
    what: 'too much by force',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: ({ alice }) => ({ force: true, provisions: [provision(`project:${alice.uuid}`, 4)] }),
    status: 201,
  },
  {
    what: 'release below zero by force',
    method: 'POST',
    path: `${ACCOUNT}/commissions`,
    headers: serviceToken,
    body: ({ alice }) => ({ force: true, provisions: [provision(`project:${alice.uuid}`, -1)] }),
    status: 413,
    message: /attempts to release more cyclades.vm than it contains\.$/,
  },
  { what: 'a commission that is none', method: 'GET', path: `${ACCOUNT}/commissions/99`, headers: serviceToken, status: 404 },
  { what: 'a commission that is no number', method: 'GET', path: `${ACCOUNT}/commissions/x`, headers: serviceToken, status: 404 },
  {
    what: 'resolving what is not there',
    method: 'POST',
    path: `${ACCOUNT}/commissions/99/action`,
    headers: serviceToken,
    body: () => ({ accept: '' }),
    status: 404,
  },
  {
    what: 'accepting and rejecting',
    method: 'POST',
    path: `${ACCOUNT}/commissions/99/action`,
    headers: serviceToken,
    body: () => ({ accept: '', reject: '' }),
    status: 400,
    message: 'Specify either accept or reject action.',
  },
  {
    what: 'neither',
    method: 'POST',
    path: `${ACCOUNT}/commissions/99/action`,
    headers: serviceToken,
    body: () => ({}),
    status: 400,
  },
  {
    what: 'serials that are no list',
    method: 'POST',
    path: `${ACCOUNT}/commissions/action`,
    headers: serviceToken,
    body: () => ({ accept: 1 }),
    status: 400,
    message: '"accept" and "reject" should reference lists of serials.',
  },
  {
    what: 'serials that are no numbers',
    method: 'POST',
    path: `${ACCOUNT}/commissions/action`,
    headers: serviceToken,
    body: () => ({ accept: ['x'] }),
    status: 400,
    message: 'Serials should be integer.',
  },
  // Catalogues of users
  ...(['user_catalogs', 'service/user_catalogs'] as const).flatMap((call): Row[] => [
    { what: `${call} without a token`, method: 'POST', path: `${ACCOUNT}/${call}`, body: () => ({}), status: 401 },
    {
      what: `${call} with a bad token`,
      method: 'POST',
      path: `${ACCOUNT}/${call}`,
      headers: () => ({ 'x-auth-token': '12345' }),
      body: () => ({}),
      status: 401,
    },
  ]),
  {
    what: 'user_catalogs with an expired token',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: ({ expired }) => ({ 'x-auth-token': expired.token }),
    body: () => ({}),
    status: 401,
  },
  {
    what: 'user_catalogs of an inactive person',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: ({ inactive }) => ({ 'x-auth-token': inactive.token }),
    body: () => ({}),
    status: 401,
  },
  {
    what: 'user_catalogs with a JSON text',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: userToken,
    body: () => '"text"',
    status: 400,
  },
  {
    what: 'user_catalogs, not JSON',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: userToken,
    body: () => '{',
    status: 400,
    message: 'Request body should be json formatted.',
  },
  {
    what: 'user_catalogs with ids that are no list',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: userToken,
    body: () => ({ uuids: 'x' }),
    status: 400,
  },
  {
    what: 'user_catalogs with names that are no texts',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: userToken,
    body: () => ({ displaynames: [1] }),
    status: 400,
  },
  {
    what: 'user_catalogs, type unknown',
    method: 'POST',
    path: `${ACCOUNT}/user_catalogs`,
    headers: (cloud) => ({ ...userToken(cloud), 'content-type': 'application/octet-stream' }),
    body: () => '{}',
    status: 200,
  },
  // Projects
  { what: 'projects without a token', method: 'GET', path: `${ACCOUNT}/projects`, status: 401 },
  {
    what: 'projects of an unknown mode',
    method: 'GET',
    path: `${ACCOUNT}/projects?mode=dream`,
    headers: userToken,
    status: 400,
    message: "Unrecognized mode 'dream'.",
  },
  {
    what: 'projects of an unknown state',
    method: 'GET',
    path: `${ACCOUNT}/projects?state=dream`,
    headers: userToken,
    status: 400,
  },
  { what: 'a project that is none', method: 'GET', path: `${ACCOUNT}/projects/none`, headers: userToken, status: 404 },
  {
    what: 'a membership that is none',
    method: 'GET',
    path: `${ACCOUNT}/projects/memberships/999`,
    headers: userToken,
    status: 404,
  },

  // One's own account
  { what: 'no token', method: 'POST', path: `${ACCOUNT}/feedback`, body: () => 'feedback_msg=x', status: 401 },
  { what: 'no message', method: 'POST', path: `${ACCOUNT}/feedback`, headers: userToken, status: 400, message: 'Invalid data' },
  { what: 'reading it', method: 'GET', path: `${ACCOUNT}/feedback`, headers: userToken, status: 405, header: ['allow', 'POST'] },
  {
    what: 'no project',
    method: 'POST',
    path: DEFAULT_PROJECT,
    headers: userToken,
    body: () => ({ project_id: null }),
    status: 403,
    message: 'Project id not specified',
  },
  { what: 'an empty dict', method: 'POST', path: DEFAULT_PROJECT, headers: userToken, body: () => ({}), status: 403 },
  { what: 'a number', method: 'POST', path: DEFAULT_PROJECT, headers: userToken, body: () => ({ project_id: 7 }), status: 400 },
  { what: 'a list', method: 'POST', path: DEFAULT_PROJECT, headers: userToken, body: () => [], status: 400 },
  { what: 'no token', method: 'POST', path: DEFAULT_PROJECT, body: () => ({}), status: 401 },
  {
    what: 'a project that is none',
    method: 'POST',
    path: DEFAULT_PROJECT,
    headers: userToken,
    body: () => ({ project_id: 'none' }),
    status: 404,
  },
  {
    what: 'a project of somebody else',
    method: 'POST',
    path: DEFAULT_PROJECT,
    headers: userToken,
    body: ({ bob }) => ({ project_id: bob.uuid }),
    status: 404,
  },
  {
    what: 'the own project',
    method: 'POST',
    path: DEFAULT_PROJECT,
    headers: userToken,
    body: ({ alice }) => ({ project_id: alice.uuid }),
    status: 200,
  },
]

// Each row leaves the cloud as it found it, or in a way that no other row sees; so they share one.
let shared: Promise<Cloud> | undefined
const cleanUps: Parameters<typeof onTestFinished>[0][] = []
const sharedCloud = () => {
  shared ??= openCloud((work) => void cleanUps.unshift(work))
  return shared
}
afterAll(async () => {
  for (const work of cleanUps) await (work as () => unknown)()
})

test.for(rows)('$method $path, $what: $status', async (row) => {
  const cloud = await sharedCloud()
  const body = row.body?.(cloud)
  const isText = typeof body === 'string' || Buffer.isBuffer(body)
  const answer = await cloud.app.inject({
    method: row.method,
    url: row.path,
    headers: { ...(body !== undefined && !isText ? JSON_TYPE : {}), ...row.headers?.(cloud) },
    ...(body === undefined ? {} : { payload: isText ? body : JSON.stringify(body) }),
  })
  expect(answer.statusCode, answer.body).toBe(row.status)
  expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate, max-age=0')
  expect(answer.headers['vary']).toBe('X-Auth-Token')
  if (row.header)
    expect(answer.headers[row.header[0]]).toEqual(
      typeof row.header[1] === 'string' ? row.header[1] : expect.stringMatching(row.header[1]),
    )
  expect(answer.headers['content-length'] ?? answer.headers['transfer-encoding']).toBeDefined()
  if (row.status < 400 || row.method === 'HEAD' || answer.body === '') return
  const [[name, fault]] = Object.entries(answer.json<Record<string, { code: number; message: string }>>()) as [
    [string, { code: number; message: string }],
  ]
  expect(fault.code).toBe(row.status)
  if (row.fault) expect(name).toBe(row.fault)
  if (row.message)
    expect(fault.message).toEqual(typeof row.message === 'string' ? row.message : expect.stringMatching(row.message))
})
