import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { openTestDatabase } from '../testing/index.ts'
import { describeSchema, isDatabaseUnavailable, isUniqueViolation, migrate, openDatabase, RunAgain, sql, WAKES } from './index.ts'

test('int8 is bigint and json keeps large integers', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const row = await db.one(
    sql`SELECT 9223372036854775807::int8 AS limit, ${{ limit: 2n ** 63n - 1n }}::jsonb AS json, ARRAY[1,2]::int8[] AS list`,
  )
  expect(row).toEqual({ limit: 2n ** 63n - 1n, json: { limit: 2n ** 63n - 1n }, list: [1n, 2n] })
})

test('a transaction that throws leaves nothing, and says nothing', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  await db.run(sql`CREATE TABLE t (n int)`)
  const heard: string[] = []
  const stop = await db.listen(WAKES, (payload) => heard.push(payload))
  onTestFinished(stop)
  const failing = db.transaction(async (tx) => {
    await tx.run(sql`INSERT INTO t VALUES (1)`)
    tx.wakes('never')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await db.transaction(async (tx) => tx.wakes('once'))
  await expect.poll(() => heard).toEqual(['once'])
  expect(await db.any(sql`SELECT n FROM t`)).toEqual([])
})

test('two transactions that lock in opposite order both succeed', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  await db.run(sql`CREATE TABLE t (id int PRIMARY KEY, n int)`)
  await db.run(sql`INSERT INTO t VALUES (1, 0), (2, 0)`)
  const add = (first: number, second: number) =>
    db.transaction(async (tx) => {
      await tx.run(sql`UPDATE t SET n = n + 1 WHERE id = ${first}`)
      await tx.run(sql`SELECT pg_sleep(0.05)`)
      await tx.run(sql`UPDATE t SET n = n + 1 WHERE id = ${second}`)
    })
  await Promise.all([add(1, 2), add(2, 1)])
  expect(await db.any(sql`SELECT n FROM t`)).toEqual([{ n: 2 }, { n: 2 }])
})

test('statements that travel together are done in order, each on what the one before left', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  await db.run(sql`CREATE TABLE t (n int)`)
  const counts = await db.transaction(async (tx) => {
    const count = () => tx.one<{ n: bigint }>(sql`SELECT count(*) AS n FROM t`)
    const add = (n: number) => tx.run(sql`INSERT INTO t VALUES (${n})`)
    const [first, , second, , third] = await Promise.all([count(), add(1), count(), add(2), count(), tx.commit()])
    return [first, second, third].map(({ n }) => n)
  })
  expect(counts).toEqual([0n, 1n, 2n])
  expect(await db.any(sql`SELECT n FROM t ORDER BY n`)).toEqual([{ n: 1 }, { n: 2 }])
})

test.each([true, false])(
  'when one of them fails, nothing is left, and its error is told (committed along: %s)',
  async (along) => {
    const db = await openTestDatabase(onTestFinished)
    await db.run(sql`CREATE TABLE t (n int PRIMARY KEY)`)
    await db.run(sql`INSERT INTO t VALUES (1)`)
    for (let turn = 0; turn < 20; turn += 1) {
      const failing = db.transaction(async (tx) => {
        // The deeper a promise is awaited, the later its failure is seen.
        const wrapped = async () => await (async () => await tx.run(sql`INSERT INTO t VALUES (1)`))()
        await Promise.all([
          tx.run(sql`INSERT INTO t VALUES (2)`),
          wrapped(),
          tx.run(sql`INSERT INTO t VALUES (3)`),
          along && tx.commit(),
        ])
      })
      const error = await failing.catch((reason) => reason)
      expect(isUniqueViolation(error), String(error)).toBe(true)
    }
    expect(await db.any(sql`SELECT n FROM t`)).toEqual([{ n: 1 }])
  },
)

test('work that began on something that is not so any more runs again, from the beginning', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  await db.run(sql`CREATE TABLE t (n int)`)
  let turns = 0
  await db.transaction(async (tx) => {
    turns += 1
    await tx.run(sql`INSERT INTO t VALUES (${turns})`)
    if (turns < 3) throw new RunAgain('not yet')
  })
  expect(await db.any(sql`SELECT n FROM t`)).toEqual([{ n: 3 }])
})

test('a listener comes back after its connection is lost', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const heard: string[] = []
  let gaps = 0
  onTestFinished(
    await db.listen(
      WAKES,
      (payload) => heard.push(payload),
      () => (gaps += 1),
    ),
  )
  await db.any(
    sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`,
  )
  await expect.poll(() => gaps).toBe(1)
  db.wake('again')
  await expect.poll(() => heard).toEqual(['again'])
})

test('a database that does not answer is given up, and works again when it does', async ({ onTestFinished }) => {
  const { url, run } = await openTestDatabase(onTestFinished)
  await run(sql`CREATE TABLE t (n int)`)
  const db = openDatabase({ url, log: silentLog, poolSize: 1, answerWithinMillis: 100 })
  onTestFinished(() => db.close())
  const alone = await db.any(sql`SELECT pg_sleep(3600)`).catch((error) => error)
  expect(isDatabaseUnavailable(alone)).toBe(true)
  const inside = await db
    .transaction(async (tx) => {
      await tx.run(sql`INSERT INTO t VALUES (1)`)
      await tx.any(sql`SELECT pg_sleep(3600)`)
    })
    .catch((error) => error)
  expect(isDatabaseUnavailable(inside)).toBe(true)
  await expect.poll(() => db.any(sql`SELECT n FROM t`)).toEqual([])
  await db.transaction((tx) => tx.any(sql`SELECT pg_sleep(0.2)`), { patient: true })
})

test('migrations are applied once, in order, and a changed one is refused', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-test-'))
  const service = { service: 'shop', folder: pathToFileURL(`${folder}/`) }
  await writeFile(
    join(folder, '0001-first.sql'),
    'CREATE SCHEMA shop; CREATE TABLE shop.goods (id int8 PRIMARY KEY, name text COLLATE "C" NOT NULL);',
  )
  await writeFile(
    join(folder, '0002-second.sql'),
    `CREATE INDEX goods_name ON shop.goods (name); COMMENT ON TABLE shop.goods IS 'with $sql$ inside';`,
  )
  expect((await Promise.all([migrate(db, [service]), migrate(db, [service])])).flat().sort()).toEqual([
    'shop/0001-first.sql',
    'shop/0002-second.sql',
  ])
  expect(await describeSchema(db, 'shop')).toBe(
    'CREATE TABLE shop.goods (\n  id bigint NOT NULL,\n  name text COLLATE "C" NOT NULL,\n  CONSTRAINT goods_pkey PRIMARY KEY (id)\n);\n' +
      'CREATE INDEX goods_name ON shop.goods USING btree (name);\n',
  )
  await writeFile(join(folder, '0001-first.sql'), 'CREATE SCHEMA shop;')
  await expect(migrate(db, [service])).rejects.toThrow('was changed after it was applied')
})

test('a transaction whose connection is lost between two statements fails, and the process lives', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  const sessions = (pid: number) => db.any(sql`SELECT FROM pg_stat_activity WHERE pid = ${pid}`)
  const failing = db.transaction(async (tx) => {
    const { pid } = await tx.one<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`)
    await db.run(sql`SELECT pg_terminate_backend(${pid})`)
    await expect.poll(() => sessions(pid)).toEqual([])
    await tx.run(sql`SELECT 1`)
  })
  await expect(failing).rejects.toSatisfy(isDatabaseUnavailable)
  expect(await db.one(sql`SELECT 1 AS one`)).toEqual({ one: 1 })
})
