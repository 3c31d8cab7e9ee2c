// A statement is planned once for each connection, however often it is asked. PostgreSQL plans one anew each time where
// it believes that the values make a difference, as it does with an array of which it sees the length; for the statements
// of small objects that takes longer than the work.
import { sql } from '@synnefo/lib/sql'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openAlice, put } from './alice.ts'

/** The first five times PostgreSQL tries what planning for the values is worth. */
const TRIED = 5
const ROUNDS = 3 * TRIED

test('what serves objects is planned once, not with each request', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished, { database: { byIndex: true, poolSize: 1 } })
  for (const versioning of ['auto', 'none']) {
    await alice.send('PUT', 'pithos', { headers: { 'X-Container-Policy-Versioning': versioning } })
    for (let round = 0; round < ROUNDS; round += 1) {
      const statuses = [
        await put(alice, 'small', randomContent(4000)),
        await put(alice, 'large', randomContent(200_000)),
        await alice.send('POST', 'pithos/small?update', { headers: { 'X-Object-Meta-A': String(round) } }),
        await alice.send('COPY', 'pithos/large', { headers: { Destination: '/pithos/copy' } }),
        await alice.send('MOVE', 'pithos/copy', { headers: { Destination: '/pithos/moved' } }),
        await alice.send('HEAD', 'pithos/moved'),
        await alice.send('GET', 'pithos/small'),
        await alice.send('HEAD', 'pithos'),
        await alice.send('GET', 'pithos?format=json'),
        await alice.send('GET', 'pithos?format=json&delimiter=/'),
        await alice.send('DELETE', 'pithos/moved'),
      ].map(({ status }) => status)
      expect(Math.max(...statuses)).toBeLessThan(300)
    }
  }
  const asked = await cloud.db.any<{ statement: string; anew: bigint; once: bigint }>(sql`
    SELECT regexp_replace(statement, '\\s+', ' ', 'g') AS statement, custom_plans AS anew, generic_plans AS once
    FROM pg_prepared_statements WHERE custom_plans + generic_plans > ${2 * TRIED}`)
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.filter(({ anew }) => anew > TRIED)).toEqual([])
})
