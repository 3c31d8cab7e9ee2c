import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type onTestFinished, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { openPostgres } from '../postgres/index.ts'
import { openTestDatabase, temporaryFolder } from '../testing/index.ts'
import { serverUser } from '../testing/server-user.ts'
import { type Db, isUniqueViolation, openDatabase, sql } from './index.ts'

/** A database that writes nothing to disk but what it is asked to, for as long as a test takes. */
async function openLazyServer(finished: typeof onTestFinished) {
  const home = await temporaryFolder(finished)
  await chmod(home, 0o755)
  const { prepared, close } = await openPostgres({
    folder: join(home, 'server'),
    socketFolder: join(home, 'run'),
    settings: { fsync: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB', autovacuum: 'off', bgwriter_delay: '10s' },
    ...serverUser(),
  })
  finished(close)
  const db = openDatabase({ url: prepared.url, log: silentLog })
  finished(() => db.close())
  return db
}

/** Killed while it works, a server begins anew from what it has on disk. */
async function crash(db: Db): Promise<void> {
  const { pid } = await db.one<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`)
  process.kill(pid, 'SIGKILL')
}

test('changes are seen by others before they are durable, and survive a crash after it', async ({ onTestFinished }) => {
  const db = await openLazyServer(onTestFinished)
  await db.run(sql`CREATE TABLE t (n int)`)
  for (let n = 0; n < 20; n += 1) {
    const { result, durable } = await db.transactionBeforeFlush((tx) =>
      tx.one<{ lsn: string; mode: string }>(sql`
      WITH added AS (INSERT INTO t VALUES (${n}) RETURNING n)
      SELECT current_setting('synchronous_commit') AS mode, pg_current_wal_insert_lsn()::text AS lsn FROM added`),
    )
    expect(result.mode).toBe('off')
    expect(await db.one(sql`SELECT count(*) AS n FROM t`)).toEqual({ n: BigInt(n + 1) })
    await durable
    expect(await db.one(sql`SELECT pg_current_wal_flush_lsn() > ${result.lsn}::pg_lsn AS flushed`)).toEqual({ flushed: true })
  }
  await crash(db)
  await expect.poll(() => db.one(sql`SELECT count(*) AS n FROM t`).catch(() => undefined)).toEqual({ n: 20n })
})

test('of a transaction that failed nothing is left, whatever came behind it', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished)
  await db.run(sql`CREATE TABLE t (n int PRIMARY KEY)`)
  const twice = db.transactionBeforeFlush((tx) =>
    Promise.all([tx.run(sql`INSERT INTO t VALUES (1)`), tx.run(sql`INSERT INTO t VALUES (1)`), tx.commit()]),
  )
  await expect(twice).rejects.toSatisfy(isUniqueViolation)
  const thrown = db.transactionBeforeFlush(async (tx) => {
    await tx.run(sql`INSERT INTO t VALUES (1)`)
    throw new Error('no')
  })
  await expect(thrown).rejects.toThrow('no')
  expect(await db.any(sql`SELECT n FROM t`)).toEqual([])
})

test('statements of groups are planned once, also where their values would be worth a plan each time', async ({
  onTestFinished,
}) => {
  const db = await openTestDatabase(onTestFinished, [], { poolSize: 1 })
  const asked = (n: number) => sql`SELECT count(*) AS n FROM pg_class WHERE oid = ANY(${[n, n + 1]}::oid[])`
  const planned = sql`SELECT custom_plans AS anew, generic_plans AS once FROM pg_prepared_statements WHERE statement LIKE 'SELECT count%'`
  for (let n = 0; n < 20; n += 1) await (await db.transactionBeforeFlush((tx) => tx.one(asked(n)))).durable
  expect(await db.any(planned)).toEqual([{ anew: 0n, once: 20n }])
  await db.one(asked(0))
  expect(await db.any(planned)).toEqual([{ anew: 1n, once: 20n }])
})
