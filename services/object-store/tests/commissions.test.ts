// What each change of an object takes from the quota and gives back, as the ledger has it.
import { sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { openTestCloud, type TestClient } from '../testing.ts'
import { TEXT } from './alice.ts'

const PLENTY = 1_000_000n
const OTHER_PROJECT = '11111111-1111-4111-8111-111111111111'

/** Two people, each with containers `one` and `two` of their own project, and `other` of another project. */
async function open(onTestFinished: Parameters<typeof openTestCloud>[0], free: boolean) {
  const cloud = await openTestCloud(onTestFinished, { settings: { PITHOS_BACKEND_FREE_VERSIONING: free } })
  const [alice, bob] = [await cloud.user(), await cloud.user()]
  const holders = [`user:${alice.userId}`, `user:${bob.userId}`, `project:${OTHER_PROJECT}`]
  const sources = [`project:${OTHER_PROJECT}`, `project:${OTHER_PROJECT}`, '']
  await cloud.db.run(sql`
    INSERT INTO identity.holdings (holder, source, resource, "limit")
    SELECT holder, source, 'pithos.diskspace', ${PLENTY} FROM unnest(${holders}::text[], ${sources}::text[]) AS h(holder, source)`)
  for (const person of [alice, bob]) {
    for (const container of ['one', 'two', 'other', 'none']) {
      const headers: Record<string, string> = container === 'none' ? { 'X-Container-Policy-Versioning': 'none' } : {}
      expect((await person.send('PUT', container, { headers })).status).toBe(201)
    }
  }
  await cloud.db.run(sql`UPDATE object_store.containers SET project = ${OTHER_PROJECT} WHERE name = 'other'`)
  return { cloud, alice, bob }
}

type Taken = Record<string, bigint>

/** Bytes by `who in project`, of everything that the ledger noted while this was done. */
async function takenBy({ cloud, alice, bob }: Awaited<ReturnType<typeof open>>, work: () => Promise<unknown>): Promise<Taken> {
  const { last } = await cloud.db.one<{ last: bigint }>(
    sql`SELECT coalesce(max(id), 0)::bigint AS last FROM identity.provision_log`,
  )
  await work()
  const rows = await cloud.db.any<{ holder: string; source: string; delta: bigint }>(sql`
    SELECT holder, source, sum(delta)::bigint AS delta FROM identity.provision_log
    WHERE id > ${last} AND resource = 'pithos.diskspace' GROUP BY holder, source HAVING sum(delta) <> 0`)
  const names = new Map([
    [`user:${alice.userId}`, 'alice'],
    [`user:${bob.userId}`, 'bob'],
  ])
  const projects = new Map([
    [`project:${alice.userId}`, 'her own'],
    [`project:${bob.userId}`, 'his own'],
    [`project:${OTHER_PROJECT}`, 'other'],
  ])
  const taken: Taken = {}
  const whole = new Map<string, bigint>()
  for (const { holder, source, delta } of rows) {
    if (source === '') whole.set(holder, delta)
    else taken[`${names.get(holder)} in ${projects.get(source)}`] = delta
  }
  // A project takes what its people take.
  for (const [project, title] of projects) {
    const sum = Object.entries(taken).reduce((total, [key, delta]) => (key.endsWith(` in ${title}`) ? total + delta : total), 0n)
    expect([title, whole.get(project) ?? 0n]).toEqual([title, sum])
  }
  return taken
}

const put = (who: TestClient, path: string, bytes: number) => who.send('PUT', path, { headers: TEXT, body: 'x'.repeat(bytes) })
const transfer = (who: TestClient, method: 'COPY' | 'MOVE', from: string, to: string, headers: Record<string, string> = {}) =>
  who.send(method, from, { headers: { Destination: `/${to}`, ...headers } })

interface Row {
  what: string
  before?: (alice: TestClient, bob: TestClient) => Promise<unknown>
  done: (alice: TestClient, bob: TestClient) => Promise<{ status: number }>
  takes: Taken
  /** Where history is charged; the same when it is not said. */
  withHistory?: Taken
}

const ten = (alice: TestClient) => put(alice, 'one/o', 10)
const tenAndThree = async (alice: TestClient) => [await put(alice, 'one/o', 10), await put(alice, 'two/p', 3)]

const ROWS: Row[] = [
  { what: 'upload', done: (alice) => put(alice, 'one/o', 10), takes: { 'alice in her own': 10n } },
  { what: 'upload of nothing', done: (alice) => put(alice, 'one/o', 0), takes: {} },
  {
    what: 'upload over something larger',
    before: ten,
    done: (alice) => put(alice, 'one/o', 4),
    takes: { 'alice in her own': -6n },
    withHistory: { 'alice in her own': 4n },
  },
  {
    what: 'upload over something where no history is kept',
    before: (alice) => put(alice, 'none/o', 10),
    done: (alice) => put(alice, 'none/o', 12),
    takes: { 'alice in her own': 2n },
  },
  {
    what: 'metadata',
    before: ten,
    done: (alice) => alice.send('POST', 'one/o?update', { headers: { ...TEXT, 'X-Object-Meta-A': 'b' } }),
    takes: {},
    withHistory: { 'alice in her own': 10n },
  },
  { what: 'copy', before: ten, done: (alice) => transfer(alice, 'COPY', 'one/o', 'two/p'), takes: { 'alice in her own': 10n } },
  {
    what: 'copy to a container of another project',
    before: ten,
    done: (alice) => transfer(alice, 'COPY', 'one/o', 'other/p'),
    takes: { 'alice in other': 10n },
  },
  {
    what: 'copy over something',
    before: tenAndThree,
    done: (alice) => transfer(alice, 'COPY', 'one/o', 'two/p'),
    takes: { 'alice in her own': 7n },
    withHistory: { 'alice in her own': 10n },
  },
  {
    what: 'copy onto itself',
    before: ten,
    done: (alice) => transfer(alice, 'COPY', 'one/o', 'one/o'),
    takes: {},
    withHistory: { 'alice in her own': 10n },
  },
  {
    what: 'move onto itself',
    before: ten,
    done: (alice) => transfer(alice, 'MOVE', 'one/o', 'one/o'),
    takes: {},
    withHistory: { 'alice in her own': 10n },
  },
  {
    what: 'move within a project',
    before: ten,
    done: (alice) => transfer(alice, 'MOVE', 'one/o', 'two/p'),
    takes: {},
    withHistory: { 'alice in her own': 10n },
  },
  {
    what: 'move where no history is kept',
    before: (alice) => put(alice, 'none/o', 10),
    done: (alice) => transfer(alice, 'MOVE', 'none/o', 'none/p'),
    takes: {},
  },
  {
    what: 'move over something in the same project',
    before: tenAndThree,
    done: (alice) => transfer(alice, 'MOVE', 'one/o', 'two/p'),
    takes: { 'alice in her own': -3n },
    withHistory: { 'alice in her own': 10n },
  },
  {
    what: 'move to a container of another project',
    before: ten,
    done: (alice) => transfer(alice, 'MOVE', 'one/o', 'other/p'),
    takes: { 'alice in other': 10n, 'alice in her own': -10n },
    withHistory: { 'alice in other': 10n },
  },
  {
    what: 'move to the account of somebody else',
    before: async (alice, bob) => {
      await ten(alice)
      const folder = { 'Content-Type': 'application/directory', 'X-Object-Sharing': `write=${alice.userId}` }
      expect((await bob.send('PUT', 'one/inbox', { headers: folder, body: '' })).status).toBe(201)
    },
    done: (alice, bob) => transfer(alice, 'MOVE', 'one/o', 'one/inbox/o', { 'Destination-Account': bob.userId }),
    takes: { 'bob in his own': 10n, 'alice in her own': -10n },
    withHistory: { 'bob in his own': 10n },
  },
  {
    what: 'delete',
    before: ten,
    done: (alice) => alice.send('DELETE', 'one/o'),
    takes: { 'alice in her own': -10n },
    withHistory: {},
  },
  {
    what: 'delete where no history is kept',
    before: (alice) => put(alice, 'none/o', 10),
    done: (alice) => alice.send('DELETE', 'none/o'),
    takes: { 'alice in her own': -10n },
  },
]

test.each([
  ['history is free', true],
  ['history is charged', false],
])('changes take of the quota what the protocol says when %s', async (_, free) => {
  const finished: (() => unknown)[] = []
  const all = await open((work) => finished.push(work), free)
  const { alice, bob } = all
  for (const { what, before, done, takes, withHistory = takes } of ROWS) {
    await before?.(alice, bob)
    let status = 0
    const taken = await takenBy(all, async () => {
      status = (await done(alice, bob)).status
    })
    expect({ what, status: Math.floor(status / 100), taken }).toEqual({ what, status: 2, taken: free ? takes : withHistory })
    for (const person of [alice, bob])
      for (const container of ['one', 'two', 'other', 'none']) await person.send('DELETE', `${container}?delimiter=/`)
  }
  for (const work of finished.reverse()) await work()
})

test('of many who come at the same time, each gets what the quota has room for, and the others change nothing', async ({
  onTestFinished,
}) => {
  const cloud = await openTestCloud(onTestFinished)
  const alice = await cloud.user({ limits: { 'pithos.diskspace': 55n } })
  expect((await alice.send('PUT', 'one')).status).toBe(201)
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => put(alice, `one/o${i}`, 10)))
  const statuses = answers.map(({ status }) => status).sort()
  expect(statuses).toEqual([...Array(5).fill(201), ...Array(7).fill(413)])
  const { headers } = await alice.send('HEAD', 'one')
  expect([headers['x-container-object-count'], headers['x-container-bytes-used']]).toEqual(['5', '50'])
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('50')
})
