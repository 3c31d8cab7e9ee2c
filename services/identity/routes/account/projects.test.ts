// Projects and memberships as clients ask for them (identity-api.md §7): every request of the specification with what it
// is answered, and what nobody's request may break.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { createTestUser, type TestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'

const ACCOUNT = '/astakos/account/v1.0'
const PROJECTS = `${ACCOUNT}/projects`
const MEMBERSHIPS = `${PROJECTS}/memberships`
const END = '2113-5-5T20:20:20Z'
const FORM = { name: 'cats.example.org', end_date: END }

async function openCloud(finished: typeof onTestFinished) {
  const admins: string[] = []
  const api = await openTestApi(finished, { ASTAKOS_PROJECT_ADMINS: admins })
  const root = await createTestUser(api.identity)
  admins.push(root.uuid)
  const person = (limit: bigint) => createTestUser(api.identity, { limits: { 'astakos.pending_app': limit } })
  const [alice, bob, eve] = [await person(2n), await person(2n), await person(0n)]
  async function send(who: TestUser, method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown) {
    const headers = { 'x-auth-token': who.token, 'content-type': 'application/json' }
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    const json = answer.body === '' ? undefined : answer.json()
    const fault = json && answer.statusCode >= 400 ? Object.values(json)[0] : undefined
    return { status: answer.statusCode, body: json, message: (fault as { message: string } | undefined)?.message }
  }
  async function apply(who: TestUser, form: object = {}) {
    const { status, body } = await send(who, 'POST', PROJECTS, { ...FORM, ...form })
    expect(status).toBe(201)
    return body as { id: string; application: number }
  }
  const act = (who: TestUser, id: string, action: object) => send(who, 'POST', `${PROJECTS}/${id}/action`, action)
  async function create(who: TestUser, form: object = {}): Promise<string> {
    const { id, application } = await apply(who, form)
    expect((await act(root, id, { approve: { app_id: application, reason: '' } })).status).toBe(200)
    return id
  }
  return { ...api, root, alice, bob, eve, send, apply, act, create }
}

test('a project is applied for, approved, shown, modified and ended', async ({ onTestFinished }) => {
  const { alice, bob, root, send, apply, act } = await openCloud(onTestFinished)
  const resources = { 'cyclades.vm': { member_capacity: 2, project_capacity: 9 } }
  const form = { homepage: 'https://cats.example.org', description: 'cats', comments: 'please', max_members: '1K', resources }
  const { id, application } = await apply(alice, form)
  const wanted = {
    name: 'cats.example.org',
    owner: alice.uuid,
    homepage: 'https://cats.example.org',
    description: 'cats',
    end_date: '2113-05-05T20:20:20+00:00',
    join_policy: 'moderated',
    leave_policy: 'auto',
    max_members: 1024,
    private: false,
    resources,
  }
  const shown = (await send(alice, 'GET', `${PROJECTS}/${id}`)).body
  const lastApplication = {
    ...wanted,
    id: application,
    state: 'pending',
    applicant: alice.uuid,
    start_date: null,
    comments: 'please',
  }
  const common = { id, creation_date: expect.stringMatching(/\+00:00$/), system_project: false }
  expect(shown).toEqual({ ...wanted, ...common, state: 'uninitialized', last_application: lastApplication })
  expect((await send(bob, 'GET', `${PROJECTS}/${id}`)).status).toBe(403)
  expect(await act(root, id, { approve: { app_id: String(application), reasons: 'fine' } })).toMatchObject({ status: 200 })
  const approved = (await send(bob, 'GET', `${PROJECTS}/${id}`)).body
  expect(approved).toMatchObject({ ...common, ...wanted, state: 'active', resources: expect.objectContaining(resources) })
  expect(Object.keys(approved.resources)).toContain('cyclades.ram')
  expect(approved).not.toHaveProperty('last_application')

  const changed = await send(alice, 'PUT', `${PROJECTS}/${id}`, { description: 'cats and dogs', max_members: 'inf' })
  expect(changed).toMatchObject({ status: 201, body: { id, application: expect.any(Number) } })
  const asked = (await send(root, 'GET', `${PROJECTS}/${id}`)).body
  expect(asked.description).toBe('cats')
  expect(asked.last_application).toMatchObject({ name: null, description: 'cats and dogs', private: null, resources: {} })
  const newer = await send(alice, 'PUT', `${PROJECTS}/${id}`, { description: 'dogs' })
  expect(await act(root, id, { approve: { app_id: changed.body.application } })).toMatchObject({ status: 409 })
  expect(await act(root, id, { approve: { app_id: newer.body.application } })).toMatchObject({ status: 200 })
  expect((await send(bob, 'GET', `${PROJECTS}/${id}`)).body.description).toBe('dogs')

  expect((await act(root, id, { terminate: { reason: 'over' } })).status).toBe(200)
  const over = (await send(alice, 'GET', `${PROJECTS}/${id}`)).body
  expect(over).toMatchObject({ state: 'terminated', deactivation_date: expect.stringMatching(/\+00:00$/) })
  expect((await send(bob, 'GET', `${PROJECTS}/${id}`)).status).toBe(403)
})

test('what an application must not say is refused with the name of the field, and never breaks anything', async ({
  onTestFinished,
}) => {
  const { alice, send, create } = await openCloud(onTestFinished)
  const id = await create(alice, { name: 'mine.example.org' })
  const vm = (member_capacity: unknown, project_capacity: unknown) => ({ 'cyclades.vm': { member_capacity, project_capacity } })
  const bad: [string, object | string, RegExp][] = [
    ['a list', '[]', /Request should be a JSON dict/],
    ['null', 'null', /Request should be a JSON dict/],
    ['no JSON', '{', /Could not decode request body as JSON/],
    ['a name of one label', { name: 'cats' }, /Project name should be in domain format/],
    ['a name that ends in digits', { name: 'cats.99' }, /domain format/],
    ['a name that is too long', { name: `${'a.'.repeat(39)}org` }, /at most 80 characters/],
    ['a name that is a number', { name: 7 }, /'name' should be a string/],
    ['an end that passed', { end_date: '2001-01-01T00:00:00Z' }, /'end_date' should be in the future/],
    ['an end that is no date', { end_date: 'soon' }, /'end_date' should be a date/],
    ['an end that is no day', { end_date: '2113-02-30T00:00:00Z' }, /'end_date' should be a date/],
    ['an end that is a number', { end_date: 5 }, /'end_date' should be a date/],
    ['a start after the end', { start_date: '2114-01-01T00:00:00Z', end_date: END }, /'end_date' should be after/],
    ['an owner that does not exist', { owner: 'nobody' }, /User does not exist/],
    ['an owner that is no text', { owner: {} }, /'owner' should be a string/],
    ['a homepage that is too long', { homepage: 'x'.repeat(256) }, /'homepage' should be at most 255/],
    ['comments that are too long', { comments: 'x'.repeat(4097) }, /'comments' should be at most 4096/],
    [
      'a description with a zero byte',
      '{"name":"cats.example.org","end_date":"2113-05-05T20:20:20Z","description":"a\\u0000b"}',
      /'description'/,
    ],
    ['a policy that is none', { join_policy: 'open' }, /Invalid join policy/],
    ['a policy that is a list', { leave_policy: [] }, /Invalid leave policy/],
    ['fewer members than none', { max_members: -1 }, /Invalid max_members/],
    ['half a member', { max_members: 1.5 }, /Invalid max_members/],
    ['members in words', { max_members: 'many' }, /Invalid max_members/],
    ['privacy in words', { private: 'yes' }, /'private' should be a boolean/],
    ['resources as a list', { resources: [] }, /Malformed resource policies/],
    ['a capacity that is missing', { resources: { 'cyclades.vm': { member_capacity: 1 } } }, /Malformed resource policies/],
    ['a capacity that is null', { resources: vm(null, 1) }, /Malformed resource policies/],
    ['a capacity that is text', { resources: vm('1', 1) }, /Malformed resource policies/],
    ['a negative capacity', { resources: vm(-1, 1) }, /Malformed resource policies/],
    [
      'a capacity beyond all limits',
      '{"name":"cats.example.org","end_date":"2113-05-05T20:20:20Z","resources":{"cyclades.vm":{"member_capacity":1,"project_capacity":9223372036854775808}}}',
      /Malformed resource policies/,
    ],
    ['more for a member than for all', { resources: vm(2, 1) }, /Malformed resource policies/],
    [
      'a resource that does not exist',
      { resources: { dreams: { member_capacity: 1, project_capacity: 1 } } },
      /Malformed resource/,
    ],
    [
      'a resource that is hidden',
      { resources: { 'astakos.pending_app': { member_capacity: 1, project_capacity: 1 } } },
      /Malformed/,
    ],
  ]
  for (const [what, body, message] of bad) {
    const full = typeof body === 'string' ? body : { ...FORM, ...body }
    const created = await send(alice, 'POST', PROJECTS, full)
    expect([what, created.status, created.message]).toEqual([what, 400, expect.stringMatching(message)])
    const changed = await send(alice, 'PUT', `${PROJECTS}/${id}`, body)
    expect([what, changed.status, changed.message]).toEqual([what, 400, expect.stringMatching(message)])
  }
  expect(await send(alice, 'POST', PROJECTS, { end_date: END })).toMatchObject({ status: 400, message: 'Name missing.' })
  expect(await send(alice, 'POST', PROJECTS, { name: 'a.example.org' })).toMatchObject({
    status: 400,
    message: 'Missing end date',
  })
})

test('dates are read in every form of ISO 8601', async ({ onTestFinished }) => {
  const { alice, send, create } = await openCloud(onTestFinished)
  const id = await create(alice)
  for (const [written, read] of [
    ['2113-5-5T20:20:20Z', '2113-05-05T20:20:20+00:00'],
    ['2113-05-05T20:20:20.25+03:00', '2113-05-05T17:20:20.250000+00:00'],
    ['2113-05-05 20:20-0130', '2113-05-05T21:50:00+00:00'],
    ['2113-05-05T20:20:20', '2113-05-05T20:20:20+00:00'],
    ['2113-05-05', '2113-05-05T00:00:00+00:00'],
  ]) {
    expect((await send(alice, 'PUT', `${PROJECTS}/${id}`, { end_date: written })).status).toBe(201)
    expect((await send(alice, 'GET', `${PROJECTS}/${id}`)).body.last_application.end_date).toBe(read)
  }
})

test('pending applications are limited, except for project admins', async ({ onTestFinished }) => {
  const { alice, eve, root, db, send, apply, act } = await openCloud(onTestFinished)
  const first = await apply(alice, { name: 'a.example.org' })
  await apply(alice, { name: 'b.example.org' })
  const beyond = await send(alice, 'POST', PROJECTS, { ...FORM, name: 'c.example.org' })
  expect(beyond).toMatchObject({ status: 409, message: expect.stringContaining('pending project applications') })
  expect((await act(alice, first.id, { cancel: { app_id: first.application } })).status).toBe(200)
  expect((await send(alice, 'GET', `${PROJECTS}/${first.id}`)).body.state).toBe('deleted')
  await apply(alice, { name: 'c.example.org' })
  expect((await send(eve, 'POST', PROJECTS, FORM)).status).toBe(409)
  await db.run(sql`UPDATE identity.holdings SET "limit" = 0 WHERE resource = 'astakos.pending_app'`)
  await apply(root, { name: 'd.example.org', owner: eve.uuid })
})

test('who may decide what: each action, by everybody', async ({ onTestFinished }) => {
  const { alice, bob, root, send, apply, act, create } = await openCloud(onTestFinished)
  const waiting = await apply(alice, { name: 'waiting.example.org' })
  const active = await create(alice, { name: 'active.example.org' })
  const app = { app_id: waiting.application }
  for (const action of ['approve', 'deny', 'cancel', 'dismiss']) {
    expect([action, (await act(bob, waiting.id, { [action]: app })).status]).toEqual([action, 403])
  }
  expect((await act(alice, waiting.id, { approve: app })).status).toBe(403)
  expect((await act(alice, waiting.id, { deny: app })).status).toBe(403)
  for (const action of ['suspend', 'unsuspend', 'terminate', 'reinstate']) {
    for (const who of [alice, bob]) expect([action, (await act(who, active, { [action]: {} })).status]).toEqual([action, 403])
    expect([action, (await act(root, 'nobodys', { [action]: {} })).status]).toEqual([action, 404])
  }
  expect((await act(root, waiting.id, { suspend: {} })).status).toBe(409)
  expect((await act(root, root.uuid, { terminate: {} })).status).toBe(409)
  expect((await act(alice, waiting.id, { dismiss: app })).status).toBe(409)
  expect((await act(root, active, { approve: app })).status).toBe(404)
  expect((await act(root, waiting.id, { approve: { app_id: 4711 } })).status).toBe(404)
  expect((await send(alice, 'PUT', `${PROJECTS}/${waiting.id}`, { description: 'x' })).status).toBe(409)
  expect((await send(bob, 'PUT', `${PROJECTS}/${active}`, { description: 'x' })).status).toBe(403)
  expect((await send(alice, 'PUT', `${PROJECTS}/nobodys`, { description: 'x' })).status).toBe(404)
  for (const field of ['owner', 'name', 'homepage', 'description']) {
    const value = { owner: root.uuid, name: 'x.example.org' }[field] ?? 'x'
    expect([field, (await send(root, 'PUT', `${PROJECTS}/${root.uuid}`, { [field]: value })).status]).toEqual([field, 409])
  }
  expect((await act(root, waiting.id, { deny: { ...app, reason: 'no' } })).status).toBe(200)
  expect((await act(alice, waiting.id, { dismiss: app })).status).toBe(200)
})

test('a body that names no action, several, or the wrong values is refused', async ({ onTestFinished }) => {
  const { alice, root, send, act, create } = await openCloud(onTestFinished)
  const id = await create(alice, { join_policy: 'auto' })
  const path = `${PROJECTS}/${id}/action`
  for (const [body, message] of [
    [{}, 'No recognized action'],
    [{ explode: {} }, 'No recognized action'],
    [{ suspend: {}, terminate: {} }, 'Multiple actions not supported'],
    [{ suspend: null }, 'Request should be a JSON dict'],
    [{ suspend: 'now' }, 'Request should be a JSON dict'],
    [{ suspend: { reason: 7 } }, "Field 'reason' should be a string"],
    [{ approve: {} }, "Field 'app_id' should be the number of an application"],
    [{ approve: { app_id: null } }, "Field 'app_id' should be the number of an application"],
    [{ approve: { app_id: 'x' } }, "Field 'app_id' should be the number of an application"],
    ['{"approve": {"app_id": 9223372036854775808}}', "Field 'app_id' should be the number of an application"],
    [{ approve: { app_id: 1.5 } }, "Field 'app_id' should be the number of an application"],
    ['[]', 'Request should be a JSON dict'],
    ['"suspend"', 'Request should be a JSON dict'],
  ] as const) {
    expect(await send(root, 'POST', path, body)).toMatchObject({ status: 400, message })
  }
  expect((await act(root, id, { approve: { app_id: '99999999999999999999' } })).status).toBe(400)
  const { id: membership } = (await send(root, 'POST', MEMBERSHIPS, { join: { project: id } })).body
  for (const [url, body, message] of [
    [MEMBERSHIPS, {}, 'No recognized action'],
    [MEMBERSHIPS, { join: { project: id }, enroll: {} }, 'Multiple actions not supported'],
    [MEMBERSHIPS, { join: null }, 'Request should be a JSON dict'],
    [MEMBERSHIPS, { join: {} }, 'Invalid project ID: none'],
    [MEMBERSHIPS, { join: { project: null } }, 'Invalid project ID: null'],
    [MEMBERSHIPS, { join: { project: [id] } }, `Invalid project ID: ["${id}"]`],
    [MEMBERSHIPS, { enroll: { project: id, user: 7 } }, "Field 'user' should be an e-mail address"],
    [`${MEMBERSHIPS}/${membership}/action`, { leave: null }, "The value of 'leave' should be a string: the reason"],
    [`${MEMBERSHIPS}/${membership}/action`, { leave: '', cancel: '' }, 'Multiple actions not supported'],
    [`${MEMBERSHIPS}/${membership}/action`, { suspend: '' }, 'No recognized action'],
  ] as const) {
    expect(await send(root, 'POST', url, body)).toMatchObject({ status: 400, message })
  }
})

test('a name belongs to one alive project: two may be applied for, one is approved', async ({ onTestFinished }) => {
  const { alice, bob, root, apply, act } = await openCloud(onTestFinished)
  const [one, two] = [await apply(alice), await apply(bob)]
  const approvals = [one, two].map(({ id, application }) => act(root, id, { approve: { app_id: application } }))
  expect((await Promise.all(approvals)).map(({ status }) => status).sort()).toEqual([200, 409])
  const [first, second] = (await act(root, one.id, { suspend: {} })).status === 200 ? [one, two] : [two, one]
  await act(root, first.id, { terminate: {} })
  expect((await act(root, second.id, { approve: { app_id: second.application } })).status).toBe(200)
  expect(await act(root, first.id, { reinstate: {} })).toMatchObject({ status: 409, message: /cats.example.org/ })
})

test('projects are listed by mode, name, owner and state, and paged', async ({ onTestFinished }) => {
  const { alice, bob, root, send, create, apply } = await openCloud(onTestFinished)
  const open = await create(alice, { name: 'open.example.org', join_policy: 'auto' })
  const hidden = await create(alice, { name: 'hidden.example.org', private: true })
  const waiting = (await apply(alice, { name: 'waiting.example.org' })).id
  await send(bob, 'POST', MEMBERSHIPS, { join: { project: open } })
  const list = async (who: TestUser, query = '') =>
    ((await send(who, 'GET', `${PROJECTS}${query}`)).body as { id: string }[]).map(({ id }) => id)
  expect(await list(bob)).toEqual([bob.uuid, open])
  expect(await list(bob, '?mode=member')).toEqual([bob.uuid, open])
  expect(await list(bob, '?mode=active')).toEqual([open])
  expect(await list(alice)).toEqual([alice.uuid, open, hidden, waiting])
  expect(await list(alice, '?state=uninitialized')).toEqual([waiting])
  expect(await list(alice, '?name=hidden.example.org')).toEqual([hidden])
  expect(await list(alice, `?owner=${alice.uuid}&limit=2`)).toEqual([open, hidden])
  expect(await list(alice, `?owner=${alice.uuid}&marker=${hidden}`)).toEqual([waiting])
  expect(await list(root, '?mode=active')).toEqual(expect.arrayContaining([root.uuid, alice.uuid, open, hidden, waiting]))
  expect(await list(root, '?mode=member')).toEqual([root.uuid])
  expect(await send(bob, 'GET', `${PROJECTS}?mode=all`)).toMatchObject({ status: 400, message: "Unrecognized mode 'all'." })
  expect((await send(bob, 'GET', `${PROJECTS}?state=gone`)).message).toMatch(/^Unrecognized state/)
  expect((await send(bob, 'GET', `${PROJECTS}/${hidden}`)).status).toBe(403)
  expect((await send(bob, 'GET', `${PROJECTS}/nobodys`)).status).toBe(404)
})

test('memberships are asked for, granted, shown and ended', async ({ onTestFinished }) => {
  const { alice, bob, eve, root, send, create } = await openCloud(onTestFinished)
  const project = await create(alice, { leave_policy: 'moderated', max_members: 1, private: true })
  const joined = await send(bob, 'POST', MEMBERSHIPS, { join: { project } })
  expect(joined).toEqual({ status: 200, body: { id: expect.any(Number) }, message: undefined })
  const path = `${MEMBERSHIPS}/${joined.body.id}`
  const act = (who: TestUser, action: string) => send(who, 'POST', `${path}/action`, { [action]: 'because' })
  const allowed = async (who: TestUser) => (await send(who, 'GET', path)).body.allowed_actions
  expect(await send(bob, 'POST', MEMBERSHIPS, { join: { project } })).toMatchObject({ status: 409 })
  expect([await allowed(bob), await allowed(alice)]).toEqual([['cancel'], ['accept', 'reject']])
  expect(await allowed(root)).toEqual(['cancel', 'accept', 'reject'])
  expect((await send(eve, 'GET', path)).status).toBe(403)
  expect((await act(eve, 'accept')).status).toBe(403)
  expect((await act(bob, 'accept')).status).toBe(403)
  expect((await act(alice, 'remove')).status).toBe(409)
  expect((await act(alice, 'reject')).status).toBe(200)
  expect((await act(alice, 'accept')).status).toBe(409)
  expect((await send(bob, 'POST', MEMBERSHIPS, { join: { project } })).body.id).toBe(joined.body.id)
  expect((await act(alice, 'accept')).status).toBe(200)
  const enrolling = (user: string, where = project, who = alice) =>
    send(who, 'POST', MEMBERSHIPS, { enroll: { project: where, user } })
  expect(await enrolling(eve.email)).toMatchObject({ status: 409, message: /as many members/ })
  expect(await enrolling(bob.email)).toMatchObject({ status: 409, message: /Already a member/ })
  expect(await enrolling('nobody@example.test')).toMatchObject({ status: 409, message: 'Unknown users: nobody@example.test' })
  expect((await enrolling(eve.email, 'nobodys')).status).toBe(409)
  expect((await enrolling(eve.email, project, bob)).status).toBe(403)
  expect((await act(bob, 'leave')).status).toBe(200)
  expect([await allowed(bob), await allowed(alice)]).toEqual([['leave'], ['remove']])
  const shown = (await send(bob, 'GET', path)).body
  const date = expect.stringMatching(/^\d{4}-.*\+00:00$/)
  expect(shown).toEqual({
    id: joined.body.id,
    user: bob.uuid,
    project,
    state: 'leave_requested',
    allowed_actions: ['leave'],
    requested: date,
    rejected: date,
    accepted: date,
    leave_requested: date,
    removed: null,
  })
  expect(Date.parse(shown.requested)).toBeGreaterThanOrEqual(Date.parse(shown.rejected))
  expect((await act(alice, 'remove')).status).toBe(200)
  expect(await enrolling(eve.email.toUpperCase())).toMatchObject({ status: 200 })
  const list = async (who: TestUser, query = '') => (await send(who, 'GET', `${MEMBERSHIPS}${query}`)).body.length
  expect([await list(bob), await list(alice), await list(alice, `?project=${project}`)]).toEqual([2, 3, 2])
  expect(await list(root, '?limit=2')).toBe(2)
  expect((await send(bob, 'GET', `${MEMBERSHIPS}?marker=x`)).status).toBe(400)
  expect((await send(bob, 'POST', MEMBERSHIPS, { join: { project: 'nobodys' } })).status).toBe(404)
  expect((await send(bob, 'POST', MEMBERSHIPS, { join: { project: 7 } })).status).toBe(404)
  expect((await send(bob, 'GET', `${MEMBERSHIPS}/4711`)).status).toBe(404)
  expect((await send(bob, 'POST', `${MEMBERSHIPS}/4711/action`, { leave: '' })).status).toBe(404)
})

test('authentication knows at once what somebody may use', async ({ onTestFinished }) => {
  const { alice, bob, root, send, act, create } = await openCloud(onTestFinished)
  const project = await create(alice, { join_policy: 'auto' })
  const usable = async () => {
    const answer = await send(bob, 'POST', '/astakos/identity/v2.0/tokens', { auth: { token: { id: bob.token } } })
    return answer.body.access.user.projects
  }
  const standing = [await usable()]
  await send(bob, 'POST', MEMBERSHIPS, { join: { project } })
  standing.push(await usable())
  for (const action of ['suspend', 'unsuspend', 'terminate', 'reinstate']) {
    await act(root, project, { [action]: {} })
    standing.push(await usable())
  }
  const own = [bob.uuid]
  expect(standing).toEqual([own, [...own, project], own, [...own, project], own, [...own, project]])
  const setting = async (id: string) =>
    (await send(bob, 'POST', `${ACCOUNT}/myaccount/default_project`, { project_id: id })).status
  expect(await setting(project)).toBe(200)
  expect((await usable())[0]).toBe(project)
  await act(root, project, { terminate: {} })
  expect(await usable()).toEqual(own)
})
