// The admin user API (identity-api.md §3.6): every call, and every way it is refused.
import { expect, type onTestFinished, test } from 'vitest'
import { deactivateUser } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { createTestUser } from '../testing.ts'
import { createUser } from '../users/create.ts'
import { openTestApi } from './open-test-api.ts'

const USERS = '/astakos/identity/v2.0/users'
const NEW = { username: 'New@Example.test', first_name: 'New', last_name: 'Comer' }

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, { ASTAKOS_ADMIN_API_ENABLED: true, ...settings })
  const robot = await createTestUser(api.identity, { roles: ['admin-api'] })
  const alice = await createTestUser(api.identity, { email: 'alice@example.test', firstName: 'Alice', lastName: 'Liddell' })
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path = '', payload?: object, token = robot.token) => {
    const answer = await api.app.inject({ method, url: `${USERS}${path}`, headers: { 'x-auth-token': token }, payload })
    return { status: answer.statusCode, body: answer.body.startsWith('{') ? answer.json() : answer.body, headers: answer.headers }
  }
  return { ...api, robot, alice, send }
}

test('it is there where the settings say so, for members of the groups they name', async ({ onTestFinished }) => {
  const off = await openCloud(onTestFinished, { ASTAKOS_ADMIN_API_ENABLED: false })
  expect(await off.send('GET')).toMatchObject({ status: 400, body: { badRequest: { message: 'API endpoint not found' } } })
  const { alice, send } = await openCloud(onTestFinished)
  for (const path of ['', '/detail', `/${alice.uuid}`])
    expect(await send('GET', path, undefined, alice.token)).toMatchObject({ status: 403, body: { forbidden: { message: '' } } })
  expect((await send('GET', '', undefined, 'nonsense')).status).toBe(401)
  expect(await send('DELETE')).toMatchObject({ status: 405, headers: { allow: 'GET,POST' } })
  for (const path of ['/', '.json', '/detail.json', '/detail/', `/${alice.uuid}.json`])
    expect((await send('GET', path)).status).toBe(200)
})

test('people are listed, in pages when that is asked for', async ({ onTestFinished }) => {
  const { robot, alice, send } = await openCloud(onTestFinished)
  const { body } = await send('GET')
  expect(body.users.map(({ id }: { id: string }) => id)).toEqual([robot.uuid, alice.uuid])
  expect(body.users[1]).toEqual({
    id: alice.uuid,
    first_name: 'Alice',
    last_name: 'Liddell',
    email: alice.email,
    is_active: true,
    is_rejected: false,
    deactivated_reason: '',
    accepted_policy: 'manual',
    rejected_reason: '',
    roles: ['default'],
    authentication_methods: [{ identifier: alice.email, active: true, affiliation: '', backend: 'astakos', metadata: {} }],
  })
  const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/)
  expect((await send('GET', '/detail')).body.users[1]).toMatchObject({
    date_joined: date,
    moderated_at: date,
    verified_at: date,
    auth_token_expires: date,
  })
  expect((await send('GET', '?limit=1')).body.users).toHaveLength(1)
  expect((await send('GET', `?limit=1&marker=${robot.uuid}`)).body.users[0].id).toBe(alice.uuid)
  expect((await send('GET', `?marker=${alice.uuid}`)).body.users).toEqual([])
  for (const query of ['limit=0', 'limit=x', 'marker=nobody']) expect((await send('GET', `?${query}`)).status).toBe(400)
})

test.for([false, true])(
  'an account is made at once and without a mail, whether moderation is on: %s',
  async (moderated, { onTestFinished }) => {
    const { identity, db, app, send, mailer, tasks } = await openCloud(onTestFinished, { ASTAKOS_MODERATION_ENABLED: moderated })
    await db.transaction((tx) =>
      createUser(identity, tx, { email: 'new@example.test', firstName: 'Un', lastName: 'Verified', passwordHash: null }),
    )
    const made = await send('POST', '', { user: { ...NEW, affiliation: 'Oxford', metadata: { room: 7 } } })
    expect(made).toMatchObject({
      status: 200,
      body: { user: { id: expect.any(String), password: expect.stringMatching(/^\S{10,}$/) } },
    })
    const { id, auth_token: token, password } = made.body.user
    const works = await app.inject({ url: '/astakos/account/v1.0/quotas', headers: { 'x-auth-token': token } })
    expect(works.statusCode).toBe(200)
    const login = await app.inject({ method: 'POST', url: '/astakos/ui/api/login', payload: { email: NEW.username, password } })
    expect(login.statusCode).toBe(200)
    expect((await send('GET', `/${id}`)).body.user).toMatchObject({
      email: 'new@example.test',
      is_active: true,
      authentication_methods: [{ affiliation: 'Oxford', metadata: { room: 7 } }],
    })
    await tasks.settle()
    expect(mailer.sent).toEqual([])
    expect((await send('POST', '', { user: NEW })).status).toBe(409)
    for (const wrong of [
      {},
      { user: [] },
      { user: { ...NEW, first_name: undefined } },
      { user: { ...NEW, username: 'none' } },
      { user: { ...NEW, password: 'x' } },
      { user: { ...NEW, metadata: 'x' } },
      { user: { ...NEW, last_name: 7 } },
    ])
      expect((await send('POST', '', wrong)).status, JSON.stringify(wrong)).toBe(400)
  },
)

test('an account is changed in any of its fields', async ({ onTestFinished }) => {
  const { robot, alice, app, send } = await openCloud(onTestFinished)
  const changed = await send('PUT', `/${alice.uuid}`, {
    user: { username: 'Alice2@example.test', first_name: 'Alicia', password: 'a brand new one', metadata: { a: 1 } },
  })
  expect(changed).toMatchObject({
    status: 200,
    body: {
      user: {
        email: 'alice2@example.test',
        first_name: 'Alicia',
        last_name: 'Liddell',
        authentication_methods: [{ metadata: { a: 1 } }],
      },
    },
  })
  expect((await send('PUT', `/${alice.uuid}`, { user: { password: 'another brand new one' } })).body).toMatchObject({ user: {} })
  expect((await send('GET', `/${alice.uuid}`)).body.user.authentication_methods[0].metadata).toEqual({ a: 1 })
  const credentials = { email: 'alice2@example.test', password: 'another brand new one' }
  expect((await app.inject({ method: 'POST', url: '/astakos/ui/api/login', payload: credentials })).statusCode).toBe(200)
  expect((await send('PUT', `/${alice.uuid}`, { user: { username: robot.email } })).status).toBe(409)
  expect((await send('PUT', `/${alice.uuid}`, { user: { username: 'x' } })).status).toBe(400)
  expect(await send('PUT', '/nobody', { user: {} })).toMatchObject({
    status: 404,
    body: { itemNotFound: { message: 'User not found' } },
  })
  expect((await send('GET', '/nobody')).status).toBe(404)
})

test('every action, and every refusal', async ({ onTestFinished }) => {
  const { identity, db, alice, send } = await openCloud(onTestFinished)
  const act = (body: object, user = alice.uuid) => send('POST', `/${user}/action`, body)
  expect((await act({ deactivate: { reason: 'left' } })).body).toEqual({ user: { id: alice.uuid, is_active: false } })
  expect((await send('GET', `/${alice.uuid}`)).body.user.deactivated_reason).toBe('left')
  expect((await act({ activate: null })).body).toEqual({ user: { id: alice.uuid, is_active: true } })
  expect((await act({ activate: '' })).status).toBe(409)
  const { auth_token: token } = (await act({ renewToken: {} })).body.user
  expect((await identity.authenticator.authenticate(token)).uuid).toBe(alice.uuid)
  expect((await act({ signTerms: {} })).body).toEqual({ user: { id: alice.uuid, has_signed_terms: true } })
  expect((await act({ setDefaultProject: { project_id: alice.uuid } })).body).toEqual({
    user: { id: alice.uuid, default_project: alice.uuid },
  })
  expect((await act({ setDefaultProject: { project_id: 'none' } })).status).toBe(404)
  expect((await act({ setDefaultProject: {} })).status).toBe(400)
  for (const wrong of [{}, { fly: {} }, { toString: {} }, { activate: {}, deactivate: {} }])
    expect(await act(wrong)).toMatchObject({ status: 400, body: { badRequest: { message: 'Invalid action' } } })
  expect((await act({ activate: {} }, 'nobody')).status).toBe(404)
  await db.transaction((tx) => deactivateUser(identity, tx, alice.id, ''))
  expect((await act({ setDefaultProject: { project_id: alice.uuid } })).status).toBe(405)
})
