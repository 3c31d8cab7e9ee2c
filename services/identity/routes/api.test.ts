// What the identity and account APIs answer, and the ledger as components drive it over HTTP.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { createTestUser, type TestUser } from '../testing.ts'
import { openTestApi, type TestApi } from './open-test-api.ts'

const ACCOUNT = '/astakos/account/v1.0'
const TOKENS = '/astakos/identity/v2.0/tokens'

async function openCloud(finished: typeof onTestFinished) {
  const api = await openTestApi(finished)
  const alice = await createTestUser(api.identity, { firstName: 'Alice', lastName: 'Liddell', limits: { 'cyclades.vm': 3n } })
  const cyclades = await api.serviceToken('cyclades')
  const get = async (path: string, token = alice.token) =>
    (await api.app.inject({ url: path, headers: { 'x-auth-token': token } })).json()
  const post = (path: string, payload: object, token = cyclades) =>
    api.app.inject({ method: 'POST', url: path, payload, headers: { 'x-auth-token': token } })
  return { ...api, alice, cyclades, get, post }
}

function vms(user: TestUser, quantity: number) {
  const common = { resource: 'cyclades.vm', quantity }
  return [
    { holder: `user:${user.uuid}`, source: `project:${user.uuid}`, ...common },
    { holder: `project:${user.uuid}`, source: null, ...common },
  ]
}

async function login(api: TestApi, auth: object) {
  return (await api.app.inject({ method: 'POST', url: TOKENS, payload: { auth } })).json()
}

test('a token is answered with exactly the keys that clients check', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice } = cloud
  const { access } = await login(cloud, { token: { id: alice.token } })
  expect(Object.keys(access).sort()).toEqual(['serviceCatalog', 'token', 'user'])
  expect(access.token).toEqual({
    id: alice.token,
    expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/),
    tenant: { id: alice.uuid, name: 'Alice Liddell' },
  })
  expect(access.user).toEqual({
    id: alice.uuid,
    name: 'Alice Liddell',
    roles: [{ id: '1', name: 'default' }],
    roles_links: [],
    projects: [alice.uuid],
  })
  const again = await login(cloud, {
    passwordCredentials: { username: alice.uuid, password: alice.token },
    tenantName: alice.uuid,
  })
  expect(again.access.user.id).toBe(alice.uuid)
})

test('the catalogue is the same with and without a token, and computed from where the cloud is', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const open = (await cloud.app.inject({ method: 'POST', url: TOKENS })).json().access
  expect(Object.keys(open)).toEqual(['serviceCatalog'])
  const { access } = await login(cloud, { token: { id: cloud.alice.token } })
  expect(access.serviceCatalog).toEqual(open.serviceCatalog)
  const addresses = Object.fromEntries(
    open.serviceCatalog.map(
      ({ name, type, endpoints }: { name: string; type: string; endpoints: { publicURL: string; versionId: string }[] }) => [
        name,
        [type, endpoints[0]!.versionId, endpoints[0]!.publicURL.replace('http://cloud.test', '')],
      ],
    ),
  )
  expect(addresses).toEqual({
    astakos_account: ['account', 'v1.0', '/astakos/account/v1.0'],
    astakos_identity: ['identity', 'v2.0', '/astakos/identity/v2.0'],
    astakos_weblogin: ['astakos_weblogin', '', '/astakos/weblogin'],
    astakos_oauth2: ['astakos_auth', '', '/astakos/oauth2'],
    cyclades_compute: ['compute', 'v2.0', '/cyclades/compute/v2.0'],
    cyclades_plankton: ['image', 'v1.0', '/cyclades/image'],
    cyclades_network: ['network', 'v2.0', '/cyclades/network'],
    cyclades_vmapi: ['vmapi', 'v1.0', '/cyclades/vmapi/v1.0'],
    cyclades_admin: ['admin', '', '/cyclades/admin'],
    cyclades_volume: ['volume', 'v2.0', '/cyclades/volume'],
    'pithos_object-store': ['object-store', 'v1', '/pithos/object-store/v1'],
    pithos_public: ['pithos_public', '', '/pithos/public'],
    pithos_ui: ['pithos_ui', '', '/pithos/ui'],
  })
  const account = open.serviceCatalog.find(({ name }: { name: string }) => name === 'astakos_account')
  expect(account).toEqual({
    name: 'astakos_account',
    type: 'account',
    endpoints_links: [],
    endpoints: [
      {
        versionId: 'v1.0',
        publicURL: 'http://cloud.test/astakos/account/v1.0',
        region: 'default',
        'SNF:uiURL': 'http://cloud.test/astakos/ui',
        'SNF:exposeVersion': 'True',
      },
    ],
  })
})

test('the XML form is well formed and escaped', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const eve = await createTestUser(cloud.identity, { firstName: '<Eve>', lastName: '"&' })
  const { body } = await cloud.app.inject({
    method: 'POST',
    url: `${TOKENS}?format=xml`,
    payload: { auth: { token: { id: eve.token } } },
  })
  expect(body).toContain('<access xmlns="http://docs.openstack.org/identity/api/v2.0"')
  expect(body).toContain(`<user id="${eve.uuid}" name="&lt;Eve&gt; &quot;&amp;">`)
  expect(body).toMatch(/<endpoint [^>]*SNF:uiURL="http:\/\/cloud.test\/astakos\/ui"/)
  const fault = await cloud.app.inject({ method: 'GET', url: `${TOKENS}.xml` })
  expect(fault.body).toMatch(
    /^<\?xml[^>]*>\n<notAllowed xmlns="[^"]*" code="405"><message>Method not allowed<\/message><details\/><\/notAllowed>$/,
  )
})

test('quotas hold every visible resource, for the person and for the project', async ({ onTestFinished }) => {
  const { alice, get, post } = await openCloud(onTestFinished)
  await post(`${ACCOUNT}/commissions`, { provisions: vms(alice, 1) })
  const quotas = await get(`${ACCOUNT}/quotas`)
  expect(Object.keys(quotas)).toEqual([alice.uuid])
  expect(Object.keys(quotas[alice.uuid]).sort()).toEqual(
    [
      'cyclades.vm',
      'cyclades.cpu',
      'cyclades.ram',
      'cyclades.disk',
      'cyclades.network.private',
      'cyclades.floating_ip',
      'pithos.diskspace',
    ].sort(),
  )
  expect(quotas[alice.uuid]['cyclades.vm']).toEqual({
    limit: 3,
    usage: 1,
    pending: 1,
    project_limit: 3,
    project_usage: 1,
    project_pending: 1,
  })
})

test("a component sees the quotas of its own resources, hidden ones too, and nobody else's", async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice, get, cyclades } = cloud
  const bob = await createTestUser(cloud.identity)
  const all = await get(`${ACCOUNT}/service_quotas`, cyclades)
  expect(Object.keys(all).sort()).toEqual([alice.uuid, bob.uuid].sort())
  expect(Object.keys(all[alice.uuid][alice.uuid])).toContain('cyclades.total_ram')
  expect(Object.keys(all[alice.uuid][alice.uuid])).not.toContain('pithos.diskspace')
  expect(await get(`${ACCOUNT}/service_quotas?user=${bob.uuid}`, cyclades)).toEqual({ [bob.uuid]: all[bob.uuid] })
  expect(await get(`${ACCOUNT}/service_quotas?project=${bob.uuid}`, cyclades)).toEqual({ [bob.uuid]: all[bob.uuid] })
  const pithos = await cloud.serviceToken('pithos')
  expect(Object.keys((await get(`${ACCOUNT}/service_quotas`, pithos))[bob.uuid][bob.uuid])).toEqual(['pithos.diskspace'])
  const { [bob.uuid]: project } = await get(`${ACCOUNT}/service_project_quotas?project=${bob.uuid}`, cyclades)
  expect(project['cyclades.vm']).toEqual({ project_limit: 4, project_usage: 0, project_pending: 0 })
})

test('three identical commissions count threefold until they are resolved', async ({ onTestFinished }) => {
  const { alice, get, post, cyclades } = await openCloud(onTestFinished)
  const serials: number[] = []
  for (let turn = 0; turn < 3; turn += 1)
    serials.push((await post(`${ACCOUNT}/commissions`, { provisions: vms(alice, 1), name: 'server' })).json().serial)
  expect(serials).toEqual([...serials].sort((a, b) => a - b))
  expect(await get(`${ACCOUNT}/commissions`, cyclades)).toEqual(serials)
  expect((await get(`${ACCOUNT}/quotas`))[alice.uuid]['cyclades.vm']).toMatchObject({ usage: 3, pending: 3, project_usage: 3 })
  expect(await get(`${ACCOUNT}/commissions/${serials[0]}`, cyclades)).toEqual({
    serial: serials[0],
    name: 'server',
    issue_time: expect.stringMatching(/\+00:00$/),
    provisions: expect.arrayContaining(vms(alice, 1)),
  })
  const [a, b, c] = serials as [number, number, number]
  const resolved = await post(`${ACCOUNT}/commissions/action`, { accept: [a, String(c)], reject: [b, c, 9999] })
  expect(resolved.json()).toEqual({
    accepted: [a],
    rejected: [b],
    failed: [
      [c, { badRequest: { code: 400, message: `cannot both accept and reject serial ${c}` } }],
      [9999, { itemNotFound: { code: 404, message: 'serial 9999 does not exist' } }],
    ],
  })
  expect((await get(`${ACCOUNT}/quotas`))[alice.uuid]['cyclades.vm']).toMatchObject({ usage: 2, pending: 1 })
  expect((await post(`${ACCOUNT}/commissions/${c}/action`, { accept: '' })).statusCode).toBe(200)
  expect((await post(`${ACCOUNT}/commissions/${c}/action`, { accept: '' })).statusCode).toBe(404)
  expect((await get(`${ACCOUNT}/quotas`))[alice.uuid]['cyclades.vm']).toMatchObject({ usage: 2, pending: 0 })
})

test('a commission beyond a limit charges nothing and tells the numbers', async ({ onTestFinished }) => {
  const { alice, get, post } = await openCloud(onTestFinished)
  const cpu = { holder: `user:${alice.uuid}`, source: `project:${alice.uuid}`, resource: 'cyclades.cpu', quantity: 1 }
  const refused = await post(`${ACCOUNT}/commissions`, { provisions: [cpu, ...vms(alice, 4)] })
  expect(refused.json()).toEqual({
    overLimit: {
      code: 413,
      message: `user:${alice.uuid} has not enough capacity of cyclades.vm.`,
      data: { name: 'NoCapacityError', limit: 3, usage: 0, provision: vms(alice, 4)[0] },
    },
  })
  const quotas = await get(`${ACCOUNT}/quotas`)
  expect(quotas[alice.uuid]['cyclades.cpu'].usage).toBe(0)
})

test('an accepted-at-once commission is never there to be seen, nor is one of another component', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice, get, post, cyclades } = cloud
  const done = (await post(`${ACCOUNT}/commissions`, { provisions: vms(alice, 1), auto_accept: true })).json().serial
  const pending = (await post(`${ACCOUNT}/commissions`, { provisions: vms(alice, 1) })).json().serial
  const status = async (serial: number, token: string) =>
    (await cloud.app.inject({ url: `${ACCOUNT}/commissions/${serial}`, headers: { 'x-auth-token': token } })).statusCode
  const pithos = await cloud.serviceToken('pithos')
  expect(await status(done, cyclades)).toBe(404)
  expect(await status(pending, cyclades)).toBe(200)
  expect(await status(pending, pithos)).toBe(404)
  expect((await post(`${ACCOUNT}/commissions/${pending}/action`, { reject: '' }, pithos)).statusCode).toBe(404)
  expect(await get(`${ACCOUNT}/commissions`, pithos)).toEqual([])
})

test('ids and names are looked up in both directions, whatever the case', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice, post, cyclades } = cloud
  const shouted = alice.email.toUpperCase()
  const request = { uuids: [alice.uuid, 'unknown'], displaynames: [shouted, 'nobody@example.test'] }
  const expected = { uuid_catalog: { [alice.uuid]: alice.email }, displayname_catalog: { [shouted]: alice.uuid } }
  expect((await post(`${ACCOUNT}/user_catalogs`, request, alice.token)).json()).toEqual(expected)
  expect((await post(`${ACCOUNT}/service/user_catalogs`, request, cyclades)).json()).toEqual(expected)
  const nothing = { uuid_catalog: {}, displayname_catalog: {} }
  expect((await post(`${ACCOUNT}/user_catalogs`, { uuids: null }, alice.token)).json()).toEqual(nothing)
  expect((await post(`${ACCOUNT}/service/user_catalogs`, {}, cyclades)).json()).toEqual(nothing)
  const everybody = { uuid_catalog: { [alice.uuid]: alice.email }, displayname_catalog: { [alice.email]: alice.uuid } }
  expect((await post(`${ACCOUNT}/service/user_catalogs`, { uuids: null, displaynames: null }, cyclades)).json()).toEqual(
    everybody,
  )
})

test("a person sees his own project, and not the other's", async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice, get } = cloud
  const bob = await createTestUser(cloud.identity)
  const projects = await get(`${ACCOUNT}/projects`)
  expect(projects).toHaveLength(1)
  expect(projects[0]).toMatchObject({
    id: alice.uuid,
    name: `system:${alice.uuid}`,
    owner: null,
    state: 'active',
    system_project: true,
    private: true,
    join_policy: 'closed',
    max_members: 1,
    resources: { 'cyclades.vm': { member_capacity: 3, project_capacity: 3 } },
  })
  expect(Object.keys(projects[0].resources)).not.toContain('cyclades.total_cpu')
  expect(await get(`${ACCOUNT}/projects?mode=member`)).toEqual(projects)
  expect(await get(`${ACCOUNT}/projects?mode=active`)).toEqual([])
  expect(await get(`${ACCOUNT}/projects?state=suspended`)).toEqual([])
  expect(await get(`${ACCOUNT}/projects/${alice.uuid}`)).toEqual(projects[0])
  expect((await get(`${ACCOUNT}/projects/${bob.uuid}`)).forbidden.code).toBe(403)
  const memberships = await get(`${ACCOUNT}/projects/memberships`)
  expect(memberships).toEqual([
    {
      id: expect.any(Number),
      user: alice.uuid,
      project: alice.uuid,
      state: 'accepted',
      allowed_actions: [],
      requested: null,
      accepted: expect.any(String),
      removed: null,
    },
  ])
  expect(await get(`${ACCOUNT}/projects/memberships/${memberships[0].id}`)).toEqual(memberships[0])
  expect((await get(`${ACCOUNT}/projects/memberships/${memberships[0].id}`, bob.token)).forbidden.code).toBe(403)
})

test('resources are described, hidden ones left out', async ({ onTestFinished }) => {
  const { get } = await openCloud(onTestFinished)
  const resources = await get(`${ACCOUNT}/resources`)
  expect(Object.keys(resources)).not.toContain('astakos.pending_app')
  expect(resources['cyclades.ram']).toEqual({
    unit: 'bytes',
    description: 'Memory size of running virtual machines',
    service: 'cyclades_compute',
    ui_visible: true,
    api_visible: true,
  })
})

test('endpoints of a token and tenants are there for OpenStack clients', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice, get } = cloud
  const bob = await createTestUser(cloud.identity)
  expect(await get('/astakos/identity/v2.0/tenants')).toEqual({
    tenants: [{ id: alice.uuid, name: `system:${alice.uuid}`, description: '', enabled: true }],
    tenants_links: [],
  })
  expect((await get(`${TOKENS}/${alice.token}/endpoints`)).endpoints).toHaveLength(13)
  expect((await get(`${TOKENS}/${bob.token}/endpoints`)).itemNotFound.code).toBe(404)
})

test('a limit as large as can be is written exactly', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await cloud.db.run(sql`UPDATE identity.holdings SET "limit" = 9223372036854775807 WHERE resource = 'cyclades.vm'`)
  const { body } = await cloud.app.inject({ url: `${ACCOUNT}/quotas`, headers: { 'x-auth-token': cloud.alice.token } })
  expect(body).toContain('"cyclades.vm":{"limit":9223372036854775807,')
})
