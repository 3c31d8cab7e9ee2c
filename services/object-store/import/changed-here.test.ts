import { hashBlock } from '@synnefo/engine-blocks'
import { sql, type Tx } from '@synnefo/lib/sql'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { contentOfBlocks, type NewContent } from '../content/content.ts'
import { storeMaps } from '../maps.ts'
import { openCharges } from '../quota.ts'
import { findContainer } from '../store/containers.ts'
import { lockLimited } from '../store/ground.ts'
import type { TestClient } from '../testing.ts'
import { TEXT } from '../tests/alice.ts'
import type { FakeOriginal } from './testing.ts'
import { BLOCK, expectSound, openMove, text } from './testing-move.ts'

/** An account with everything that either side may change. */
async function fill(original: FakeOriginal, alice: TestClient, bob: TestClient) {
  const a = alice.userId
  await original.put(a, { attributes: { pithos: { 'X-Account-Meta-Colour': 'blue' } } })
  await original.put(`${a}/docs`, { attributes: { pithos: { 'X-Container-Meta-Kind': 'papers' } } })
  await original.policy(`${a}/docs`, { versioning: 'auto', quota: '1000000', project: a })
  await original.run(sql`INSERT INTO groups (owner, name, member) VALUES (${a}, 'friends', ${bob.userId})`)
  for (const name of ['data', 'shared', 'linked', 'deleted', 'alike'])
    await original.put(`${a}/docs/${name}`, { data: Buffer.from(`${name} once`), type: 'text/plain' })
  await original.share(`${a}/docs/shared`, 'read', bob.userId)
  await original.publish(`${a}/docs/linked`, 'Xk2o9Zq1')
  await original.put(`${a}/gone/file`, { data: Buffer.from('file'), type: 'text/plain' })
}

async function changeHere(alice: TestClient) {
  const done = [
    await alice.send('PUT', 'docs/data', { headers: TEXT, body: 'data here' }),
    await alice.send('POST', 'docs/shared?update', { headers: { 'X-Object-Sharing': '' } }),
    await alice.send('POST', 'docs/linked?update', { headers: { 'X-Object-Public': 'false' } }),
    await alice.send('DELETE', 'docs/deleted'),
    await alice.send('PUT', 'docs/both', { headers: TEXT, body: 'both here' }),
    await alice.send('POST', 'docs?update', { headers: { 'X-Container-Meta-Kind': 'here', 'X-Container-Policy-Quota': '5' } }),
    await alice.send('POST', '?update', { headers: { 'X-Account-Group-friends': '', 'X-Account-Meta-Colour': 'here' } }),
    await alice.send('DELETE', 'gone/file'),
    await alice.send('DELETE', 'gone'),
  ]
  for (const { status } of done) expect([201, 202, 204]).toContain(status)
}

async function changeThere(original: FakeOriginal, a: string) {
  for (const name of ['data', 'shared', 'linked', 'deleted', 'alike', 'both'])
    await original.put(`${a}/docs/${name}`, { data: Buffer.from(`${name} there`), type: 'text/plain' })
  await original.put(`${a}/docs`, { attributes: { pithos: { 'X-Container-Meta-Kind': 'there' } } })
  await original.put(a, { attributes: { pithos: { 'X-Account-Meta-Colour': 'there' } } })
  await original.put(`${a}/gone/more`, { data: Buffer.from('more'), type: 'text/plain' })
}

/** Everything that either side changed, as clients see it. */
async function seen(alice: TestClient, bob: TestClient, url: string) {
  const names = ['data', 'shared', 'linked', 'deleted', 'alike', 'both']
  const account = (await alice.send('HEAD', '')).headers
  const docs = (await alice.send('HEAD', 'docs')).headers
  return {
    contents: await Promise.all(
      names.map(async (name) => {
        const { status, text: content } = await alice.send('GET', `docs/${name}`)
        return status === 200 ? content : status
      }),
    ),
    bobReads: (await bob.send('GET', `/${alice.userId}/docs/shared`)).status,
    linked: (await fetch(`${url}/pithos/public/Xk2o9Zq1`)).status,
    kind: docs['x-container-meta-kind'],
    quota: docs['x-container-policy-quota'],
    colour: account['x-account-meta-colour'],
    group: account['x-account-group-friends'],
    gone: (await alice.send('GET', 'gone')).text,
  }
}

const conflicts = ['data', 'shared', 'linked', 'deleted', 'both'].map((name) => `docs/${name}`)

test('what was changed here since it was brought stays, and is reported when the original changed it too', async ({
  onTestFinished,
}) => {
  const { cloud, original, manage, bring, alice, bob } = await openMove(onTestFinished)
  await fill(original, alice, bob)
  expect((await bring()).status).toBe(0)
  await changeHere(alice)
  const here = await seen(alice, bob, cloud.url)
  const again = await bring() // the original says what it said before
  expect(again.out.trim().split('\n')).toHaveLength(3)
  expect(again.out).toMatch(/gone .*it was brought before and deleted here/)
  expect(await seen(alice, bob, cloud.url)).toEqual(here)

  await changeThere(original, alice.userId)
  const tried = await bring('--dry-run')
  const brought = await bring()
  expect(tried.out).toBe(brought.out)
  expect(brought.status).toBe(1)
  for (const path of ['data', 'deleted']) expect(brought.out).toMatch(new RegExp(`docs/${path} .*it was changed here since`))
  for (const path of ['shared', 'linked']) expect(brought.out).toMatch(new RegExp(`docs/${path} .*sharing or public link`))
  expect(brought.out).toMatch(/docs\/both .*an object of this name here/)
  expect(brought.out).toMatch(/docs .*policies or metadata were changed here/)
  expect(brought.out).toMatch(new RegExp(`${alice.userId} .*metadata, size or groups were changed here`))
  expect(await seen(alice, bob, cloud.url)).toEqual({
    ...here,
    contents: here.contents.with(4, 'alike there'), // nobody changed it here
  })
  expect((await bring()).out).toBe(brought.out)
  await expectSound(manage)
})

test('told that what is here counts, it is left alone and not reported again until the original changes once more', async ({
  onTestFinished,
}) => {
  const { cloud, original, manage, bring, alice, bob } = await openMove(onTestFinished)
  await fill(original, alice, bob)
  await bring()
  await changeHere(alice)
  await changeThere(original, alice.userId)
  const here = await seen(alice, bob, cloud.url)
  const tried = await bring('--prefer here --dry-run')
  const settled = await bring('--prefer here')
  for (const { status, out, err } of [tried, settled]) {
    expect([status, out]).toEqual([0, ''])
    for (const path of conflicts) expect(err).toContain(`${path}: changed here as well; it stays as it is here`)
    expect(err).toContain('Changed on both sides and settled: 8.')
  }
  const left = { ...here, contents: here.contents.with(4, 'alike there') }
  expect(await seen(alice, bob, cloud.url)).toEqual(left)
  const next = await bring()
  expect(next.out).toMatch(/gone .*it was brought before and deleted here/)
  for (const path of conflicts) expect(next.out).not.toContain(path)

  await changeThere(original, alice.userId)
  const more = await bring()
  for (const path of conflicts) expect(more.out).toContain(path)
  expect(await seen(alice, bob, cloud.url)).toEqual(left)
  await expectSound(manage)
})

test('told that the original counts, everything becomes what it is there', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice, bob } = await openMove(onTestFinished)
  await fill(original, alice, bob)
  await bring()
  await changeHere(alice)
  await changeThere(original, alice.userId)
  const tried = await bring('--prefer original --dry-run')
  const settled = await bring('--prefer original')
  for (const { status, out, err } of [tried, settled]) {
    expect([status, out]).toEqual([0, ''])
    for (const path of [...conflicts, 'gone'])
      expect(err).toContain(`${path}: changed here as well; it becomes what it is in the original`)
  }
  expect(await seen(alice, bob, cloud.url)).toEqual({
    contents: ['data there', 'shared there', 'linked there', 'deleted there', 'alike there', 'both there'],
    bobReads: 200,
    linked: 200,
    kind: 'there',
    quota: '1000000',
    colour: 'there',
    group: bob.userId,
    gone: 'file\nmore\n',
  })
  expect(await bring()).toMatchObject({ status: 0, out: '' })
  await expectSound(manage)
  expect((await manage('pithos-import --database x --data y --prefer both')).err).toContain("'both' is neither")
})

type Step = (tx: Tx, contents: { small: NewContent; large: NewContent }) => Promise<unknown>

test('who writes never waits for the importer while it waits for him', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice } = await openMove(onTestFinished)
  const a = alice.userId
  const { store, db } = cloud
  await original.put(`${a}/docs/first`, { data: randomContent(3) })
  await bring()
  const container = (await findContainer(db, a, 'docs'))!.id
  const quota = (tx: Tx) => openCharges(tx, [{ account: a, project: a }])
  const steps: [Step, Step][] = [
    [(tx) => lockLimited(tx, [container]), quota],
    [quota, (tx, { large }) => storeMaps(tx, store, [large])],
    [quota, (tx, { small }) => storeMaps(tx, store, [small])],
  ]
  const waiting = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  for (const [round, [first, second]] of steps.entries()) {
    const data = randomContent(3)
    const blocks = Array.from({ length: 70 }, () => randomContent(BLOCK))
    const contents = {
      small: contentOfBlocks(3n, [await hashBlock(data)], data),
      large: contentOfBlocks(BigInt(70 * BLOCK), await Promise.all(blocks.map(hashBlock))),
    }
    await original.put(`${a}/docs/small ${round}`, { data })
    await original.put(`${a}/docs/large ${round}`, { data: Buffer.concat(blocks) })
    let bringing: ReturnType<typeof bring> | undefined
    await db.transaction(async (tx) => {
      expect(bringing).toBeUndefined() // what failed is run again
      await first(tx, contents)
      bringing = bring()
      await expect.poll(() => db.any(waiting)).toHaveLength(1)
      await tx.run(sql`SET LOCAL lock_timeout = '60s'`) // it would be for ever, or a deadlock
      await second(tx, contents)
    })
    expect(await bringing).toMatchObject({ status: 0, out: '' })
    expect((await alice.send('GET', `docs/large%20${round}`)).body.equals(Buffer.concat(blocks))).toBe(true)
  }
  await expectSound(manage)
})

test('contents that are brought and uploaded at once are there once', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice } = await openMove(onTestFinished)
  const contents = Array.from({ length: 60 }, (_, i) => randomContent(i % 6 === 0 ? 70 * BLOCK : 50))
  await original.put(`${alice.userId}/docs`)
  expect((await bring()).status).toBe(0)
  for (const [i, data] of contents.entries()) await original.put(`${alice.userId}/docs/file ${i}`, { data })
  const bringing = bring()
  const sent = await Promise.all(contents.map((data, i) => alice.send('PUT', `docs/sent%20${i}`, { headers: TEXT, body: data })))
  expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([201]))
  expect((await bringing).status).toBe(0)
  const { maps } = await cloud.db.one<{ maps: bigint }>(sql`SELECT count(*) AS maps FROM object_store.maps`)
  expect(maps).toBe(60n)
  expect(await text(alice, 'docs/file%201')).toBe(await text(alice, 'docs/sent%201'))
  await expectSound(manage)
})
