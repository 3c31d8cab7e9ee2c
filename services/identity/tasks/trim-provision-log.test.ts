import { sql } from '@synnefo/lib/sql'
import { expect, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'

test.for([
  [30, ['yesterday']],
  [0, ['last year', 'yesterday']],
] as const)('of a log that is kept for %i days (0: for ever) %j stays', async ([days, kept], { onTestFinished }) => {
  const { db, tasks } = await openTestApi(onTestFinished, { ASTAKOS_PROVISION_LOG_DAYS: days })
  await db.run(sql`
    INSERT INTO identity.provision_log
      (serial, name, issued_at, logged_at, holder, source, resource, "limit", usage_min, usage_max, delta, reason)
    SELECT 1, name, at, at, 'user:a', 'project:a', 'cyclades.vm', 1, 1, 1, 1, 'ACCEPT:'
    FROM (VALUES ('last year', now() - interval '400 days'), ('yesterday', now() - interval '1 day')) AS l(name, at)`)
  await tasks.runOnce('identity.trim-provision-log')
  expect(await db.any(sql`SELECT name FROM identity.provision_log ORDER BY id`)).toEqual(kept.map((name) => ({ name })))
})
