import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { raw, sql } from '@synnefo/lib/sql'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openAlice, put } from '../tests/alice.ts'
import { fsck } from '../upkeep/fsck.ts'
import { compareDiskspace } from '../upkeep/reconcile.ts'
import { accountCommands } from './manage-accounts.ts'
import { commandLine } from './testing.ts'

const BLOCK = 128 * 1024

async function openAccounts(onTestFinished: OnTestFinished, settings: { PITHOS_BACKEND_FREE_VERSIONING?: boolean } = {}) {
  const opened = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, ...settings } })
  const bob = await opened.cloud.user()
  await bob.send('PUT', 'pithos')
  const manage = commandLine(opened.cloud, { program: 'pithos-manage-accounts', commands: accountCommands })
  /** Nothing is inconsistent: figures, references, quota. */
  async function sound() {
    expect((await fsck(opened.cloud.store, {})).problems).toEqual([])
    expect(await compareDiskspace(opened.cloud.db, opened.cloud.store)).toEqual({ differences: [], unknown: [], pending: [] })
  }
  return { ...opened, bob, manage, sound }
}

test('accounts are listed, also those that differ in case only', async ({ onTestFinished }) => {
  const { cloud, alice, bob, manage } = await openAccounts(onTestFinished)
  const all = [alice.userId, bob.userId].sort()
  expect((await manage.json('list')).map(({ uuid }) => uuid)).toEqual(all)
  expect((await manage('list --no-headers --output-format csv')).out).toBe(`${all.join('\n')}\n`)
  expect(await manage.json('list --duplicate')).toEqual([])
  await cloud.db.run(sql`INSERT INTO object_store.accounts (id) VALUES (${alice.userId.toUpperCase()})`)
  expect(await manage.json('list --duplicate')).toEqual([{ uuid: `${alice.userId.toUpperCase()}, ${alice.userId}` }])
})

test.each([true, false])('an account goes with everything in it, and with its usage (free history: %s)', async (free) => {
  const finished: (() => unknown)[] = []
  const { cloud, alice, bob, manage, sound } = await openAccounts((work) => void finished.push(work), {
    PITHOS_BACKEND_FREE_VERSIONING: free,
  })
  await put(alice, 'a', 'one', { 'X-Object-Public': 'true', 'X-Object-Sharing': `read=${bob.userId}` })
  await put(alice, 'a', 'three')
  await put(alice, 'd/b', randomContent(BLOCK))
  await alice.send('DELETE', 'pithos/d/b')
  await put(alice, 'e%1B[2J', 'moves no cursor')
  await alice.send('POST', '?update', { headers: { 'X-Account-Group-Friends': bob.userId, 'X-Account-Meta-A': '1' } })
  await put(bob, 'his', 'stays')
  const tried = await manage(`delete ${alice.userId} --dry --yes`)
  expect(tried).toMatchObject({
    status: 0,
    out: 'pithos/a\npithos/e\\x1b[2J\nfriends\n',
    err: expect.stringContaining('Nothing was changed.'),
  })
  for (const answer of ['no\n', 'y\n', '']) expect((await manage(`delete ${alice.userId}`, answer)).status).toBe(1)
  expect((await alice.send('HEAD', 'pithos/a')).status).toBe(200)
  expect((await manage(`delete ${alice.userId}`, 'yes\n')).status).toBe(0)
  await sound()
  for (const table of ['permissions', 'public_links', 'groups'])
    expect([table, await cloud.db.any(sql`SELECT * FROM object_store.${raw(table)}`)]).toEqual([table, []])
  expect((await manage.json('list')).map(({ uuid }) => uuid)).toEqual([bob.userId])
  expect((await bob.send('GET', 'pithos/his')).text).toBe('stays')
  expect(await manage(`delete ${alice.userId} --yes`)).toMatchObject({ status: 1, err: expect.stringContaining('no account') })
  for (const work of finished.reverse()) await work()
})

test.each([true, false])('one account is poured into another (free history: %s)', async (free) => {
  const finished: (() => unknown)[] = []
  const { cloud, alice, bob, manage, sound } = await openAccounts((work) => void finished.push(work), {
    PITHOS_BACKEND_FREE_VERSIONING: free,
  })
  const carol = await cloud.user()
  await alice.send('POST', '?update', { headers: { 'X-Account-Group-Friends': carol.userId } })
  const headers = { 'X-Object-Public': 'true', 'X-Object-Meta-Colour': 'red' }
  await put(alice, 'both', 'hers, old')
  await put(alice, 'both', 'hers', { ...headers, 'X-Object-Sharing': `read=${alice.userId}:friends` })
  await put(alice, 'gone', 'gone')
  await alice.send('DELETE', 'pithos/gone')
  await put(alice, 'past', 'past')
  await alice.send('PUT', 'new')
  await alice.send('PUT', 'new/large', { headers: { 'Content-Type': 'a/b' }, body: randomContent(BLOCK + 1) })
  await put(bob, 'both', 'his')
  await put(bob, 'past', 'his, current')
  await alice.send('DELETE', 'pithos/past')
  const before = (await alice.send('HEAD', 'pithos/both')).headers
  expect(await manage(`merge ${alice.userId} ${bob.userId} --dry --yes`)).toMatchObject({
    status: 0,
    out: 'new/large\npithos/both\nfriends\n',
  })
  expect((await manage(`merge ${alice.userId} ${bob.userId}`, 'yes\n')).status).toBe(0)
  await sound()
  const both = await bob.send('GET', 'pithos/both')
  expect(both.text).toBe('hers')
  expect(both.headers).toMatchObject({ 'x-object-meta-colour': 'red', 'x-object-uuid': before['x-object-uuid'] })
  expect(both.headers['x-object-public']).toMatch(/\/public\//)
  expect(both.headers['x-object-public']).not.toBe(before['x-object-public'])
  expect((await carol.send('GET', `/${bob.userId}/pithos/both`)).text).toBe('hers')
  const versions = (await bob.send('GET', 'pithos/both?version=list&format=json')).json() as { versions: [number, number][] }
  const texts = []
  for (const [id] of versions.versions) texts.push((await bob.send('GET', `pithos/both?version=${id}`)).text)
  expect(texts.sort()).toEqual(['hers', 'hers, old', 'his'])
  expect((await bob.send('GET', 'pithos/past')).text).toBe('his, current')
  expect((await bob.send('GET', 'pithos/gone')).status).toBe(404)
  expect((await bob.send('HEAD', 'new/large')).headers['content-length']).toBe(String(BLOCK + 1))
  expect((await alice.send('GET', 'pithos?format=json')).json()).toEqual([])
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-object-count']).toBe('0')
  expect((await bob.send('HEAD', 'pithos')).headers['x-container-object-count']).toBe('2')
  for (const [source, destination] of [
    [alice.userId, alice.userId],
    [alice.userId, 'nobody'],
    ['nobody', alice.userId],
  ])
    expect((await manage(`merge ${source} ${destination} --yes`)).status).toBe(1)
  for (const work of finished.reverse()) await work()
})

test('an account that has no room takes nothing', async ({ onTestFinished }) => {
  const { cloud, alice, manage, sound } = await openAccounts(onTestFinished)
  const poor = await cloud.user({ limits: { 'pithos.diskspace': 3n } })
  await poor.send('PUT', 'pithos')
  await put(alice, 'o', 'four')
  expect((await manage(`merge ${alice.userId} ${poor.userId} --yes`)).status).toBe(1)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('four')
  await sound()
})

test('containers are limited in one account or in all', async ({ onTestFinished }) => {
  const { alice, bob, manage } = await openAccounts(onTestFinished)
  const limits = async () =>
    Promise.all([alice, bob].map(async (who) => (await who.send('HEAD', 'pithos')).headers['x-container-policy-quota']))
  expect((await manage('set-container-quota pithos 1000 --dry')).status).toBe(0)
  expect(await limits()).toEqual(['0', '0'])
  expect((await manage('set-container-quota pithos 1000')).err).toContain('in 2 accounts')
  expect((await manage(`set-container-quota pithos 7 --account ${bob.userId}`)).status).toBe(0)
  expect(await limits()).toEqual(['1000', '7'])
  const failed = await manage(`set-container-quota gone 7 --account ${bob.userId} --report`)
  expect(failed).toMatchObject({ status: 1, out: expect.stringContaining('does not exist') })
  for (const quota of ['x', '1.5', '99999999999999999999'])
    expect((await manage(`set-container-quota pithos ${quota}`)).status).toBe(1)
})

test('limits on record are exported for the quota service', async ({ onTestFinished }) => {
  const { cloud, alice, manage } = await openAccounts(onTestFinished)
  const location = join(await temporaryFolder(onTestFinished), 'quotas')
  await cloud.db.run(sql`UPDATE object_store.accounts SET quota_bytes = 5 WHERE id = ${alice.userId}`)
  expect((await manage(`export-quota --location ${location}`)).status).toBe(0)
  expect(await readFile(location, 'utf8')).toBe(`${alice.userId} pithos.diskspace 5\n`)
  expect((await manage('export-quota')).status).toBe(2)
  expect((await manage(`export-quota --location ${location}/none`)).err).toBe(
    `CommandError: ${location}/none cannot be written (ENOTDIR)\n`,
  )
})
