// Components that ask at the same time share a transaction, and see nothing of it.
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { createTestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'

const COMMISSIONS = '/astakos/account/v1.0/commissions'
const VM = 'cyclades.vm'

async function openCloud(finished: typeof onTestFinished) {
  const api = await openTestApi(finished)
  const alice = await createTestUser(api.identity, { limits: { [VM]: 3n } })
  const headers = { 'x-auth-token': await api.serviceToken('cyclades'), 'content-type': 'application/json' }
  const post = async (path: string, payload: object) => {
    const answer = await api.app.inject({ method: 'POST', url: `${COMMISSIONS}${path}`, headers, payload })
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
  }
  const provision = (quantity: number, resource = VM) => ({
    holder: `user:${alice.uuid}`,
    source: `project:${alice.uuid}`,
    resource,
    quantity,
  })
  return { ...api, alice, post, provision, issue: (provisions: unknown[]) => post('', { provisions }) }
}

test('of those who ask at once as many as fit are served, and each of the others is told why not', async ({ onTestFinished }) => {
  const { alice, issue, provision } = await openCloud(onTestFinished)
  const answers = await Promise.all([
    ...Array.from({ length: 8 }, () => issue([provision(1)])),
    // What does not exist comes first: the other may be used up by then, and that would be told.
    issue([provision(1, 'cyclades.dreams'), provision(1)]),
    issue([provision(-1)]),
    issue([{ ...provision(0), quantity: 2 ** 63 }]),
    issue([provision(9_007_199_254_740_991), { ...provision(0), quantity: true }]),
  ])
  const served = answers.filter(({ status }) => status === 201).map(({ body }) => body.serial as number)
  expect(served).toHaveLength(3)
  expect(new Set(served).size).toBe(3)
  const [first] = answers.filter(({ status, body }) => status === 413 && body.overLimit.data.name === 'NoCapacityError')
  expect(first!.body).toEqual({
    overLimit: {
      code: 413,
      message: `user:${alice.uuid} has not enough capacity of ${VM}.`,
      data: { name: 'NoCapacityError', limit: 3, usage: 3, provision: provision(1) },
    },
  })
  expect(answers.slice(8).map(({ status }) => status)).toEqual([404, 413, 400, 400])
  expect(answers[8]!.body.itemNotFound.data).toEqual({ name: 'NoHoldingError', provision: provision(1, 'cyclades.dreams') })
  expect(answers[9]!.body.overLimit.data).toEqual({ name: 'NoQuantityError', limit: 0, usage: 0, provision: provision(-1) })
})

test('a commission that cannot be resolved because the ledger is broken is an error, and no other suffers', async ({
  onTestFinished,
}) => {
  const { db, post, issue, provision } = await openCloud(onTestFinished)
  const good = (await issue([provision(1)])).body.serial
  const broken = (await issue([provision(1, 'cyclades.cpu')])).body.serial
  await db.run(sql`DELETE FROM identity.holdings WHERE resource = 'cyclades.cpu'`)
  const [accepted, refused] = await Promise.all([
    post(`/${good}/action`, { accept: '' }),
    post(`/${broken}/action`, { accept: '' }),
  ])
  expect(accepted).toEqual({ status: 200, body: undefined })
  expect(refused.status).toBe(500)
  expect(refused.body).toEqual({ internalServerError: { code: 500, message: 'Unexpected error', details: '' } })
  expect((await post('/action', { accept: [good], reject: [String(good), 99] })).body).toEqual({
    accepted: [],
    rejected: [],
    failed: [
      [good, { badRequest: { code: 400, message: `cannot both accept and reject serial ${good}` } }],
      [99, { itemNotFound: { code: 404, message: 'serial 99 does not exist' } }],
    ],
  })
})
