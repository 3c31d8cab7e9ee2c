// What must hold however many people there are, looked at with more of them than fit any page.
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import { BUSY_PROJECT, SERVICE_TOKEN, tokenOf, uuidOf } from './names.ts'
import { rowsPerPage } from './pages.ts'
import { seedPopulation } from './seed.ts'

const PEOPLE = 1_200
const PROJECTS = 20

async function openCrowd(finished: typeof onTestFinished) {
  const api = await openTestApi(finished)
  await seedPopulation(api.db, { people: PEOPLE, projects: PROJECTS })
  return api
}

test('everybody is in the answers about everybody, once', async ({ onTestFinished }) => {
  const { app, serviceToken } = await openCrowd(onTestFinished)
  const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const headers = { 'x-auth-token': await serviceToken('cyclades'), 'content-type': 'application/json' }
    const answer = await app.inject({ method, url: `/astakos/account/v1.0/${path}`, headers, ...(body ? { payload: body } : {}) })
    expect(answer.statusCode).toBe(200)
    return answer.json()
  }
  const people = Array.from({ length: PEOPLE }, (_, at) => uuidOf(at + 1)).sort()
  const quotas = await ask('GET', 'service_quotas')
  expect(Object.keys(quotas).sort()).toEqual(people)
  expect(Object.keys(quotas[uuidOf(1)])).toContain(BUSY_PROJECT.uuid)
  expect(Object.keys(await ask('GET', 'service_project_quotas'))).toHaveLength(PEOPLE + PROJECTS)

  const { uuid_catalog: emails, displayname_catalog: uuids } = await ask('POST', 'service/user_catalogs', {
    uuids: null,
    displaynames: null,
  })
  expect(Object.keys(emails).sort()).toEqual(people)
  expect(uuids).toEqual(Object.fromEntries(Object.entries(emails).map(([uuid, email]) => [email, uuid])))
  const some = await ask('POST', 'service/user_catalogs', { uuids: people.slice(0, 1_000) })
  expect(Object.keys(some.uuid_catalog)).toHaveLength(1_000)
  expect(some.displayname_catalog).toEqual({})
})

test('a page reads rows of its own and not the whole of a table', async ({ onTestFinished }) => {
  const { db } = await openCrowd(onTestFinished)
  const rows = await rowsPerPage(db)
  expect(Object.keys(rows).length).toBeGreaterThan(3)
  for (const [page, read] of Object.entries(rows)) expect(read, page).toBeLessThan(2 * PEOPLE + 1_000)
})

test('those who make the load are known: a person by token, a component by service token', async ({ onTestFinished }) => {
  const { app } = await openCrowd(onTestFinished)
  const token = await app.inject({
    method: 'POST',
    url: '/astakos/identity/v2.0/tokens',
    payload: { auth: { token: { id: tokenOf(PEOPLE) } } },
  })
  expect(token.json().access.user.id).toBe(uuidOf(PEOPLE))
  const commissions = await app.inject({ url: '/astakos/account/v1.0/commissions', headers: { 'x-auth-token': SERVICE_TOKEN } })
  expect(commissions.json()).toEqual([])
})
