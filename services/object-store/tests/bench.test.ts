import { expect, test } from 'vitest'
import { benchObjectStore } from '../bench.ts'
import { openTestCloud } from '../testing.ts'

test('the benchmark runs through, tells figures and leaves nothing', async ({ onTestFinished }) => {
  const cloud = await openTestCloud(onTestFinished)
  const alice = await cloud.user()
  const url = `${cloud.url}/pithos/object-store/v1`
  const rows = await benchObjectStore({
    url,
    token: alice.token,
    account: alice.userId,
    largeBytes: 9_000_000,
    objects: 20,
    atOnce: 4,
  })
  expect(rows.map(({ name }) => name)).toContain('4 KiB PUT')
  for (const { value, unit } of rows) expect([value > 0, unit]).toEqual([true, expect.stringMatching(/^(MiB\/s|per second)$/)])
  expect((await alice.send('GET', '?format=json')).json()).toEqual([])
})
