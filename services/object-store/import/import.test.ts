import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { blockKey, openCipher, openFiles, openSimulated } from '@synnefo/engine-blocks'
import { createUser } from '@synnefo/identity'
import { raw, sql } from '@synnefo/lib/sql'
import { randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { linkIdOfRow } from '../store/original.ts'
import type { TestClient, TestCloud } from '../testing.ts'
import { TEXT } from '../tests/alice.ts'
import { type FakeOriginal, openFakeOriginal, timeOf } from './testing.ts'
import { BLOCK, expectSound, openMove, text } from './testing-move.ts'

/** Everything that the import may write, but for the clock. */
async function everything({ db }: TestCloud) {
  const tables = [
    'accounts',
    'account_history',
    'containers',
    'container_history',
    'versions',
    'permissions',
    'groups',
    'map_names',
    'imports',
  ]
  const rows = await Promise.all(
    tables.map((table) => db.any(sql`SELECT row_to_json(t)::text AS row FROM object_store.${raw(table)} t ORDER BY 1`)),
  )
  const [links, usage] = await Promise.all([
    db.any(sql`SELECT id, container_id, name FROM object_store.public_links ORDER BY id`),
    db.any(sql`SELECT holder, source, usage_max FROM identity.holdings WHERE usage_max <> 0 ORDER BY holder, source`),
  ])
  return [...rows, links, usage]
}

async function fill(original: FakeOriginal, alice: TestClient, bob: TestClient) {
  const a = alice.userId
  await original.put(a, { attributes: { pithos: { 'X-Account-Meta-Colour': 'red' } } })
  await original.put(a, { attributes: { pithos: { 'X-Account-Meta-Colour': 'blue' } } })
  await original.put(`${a}/docs`, { attributes: { pithos: { 'X-Container-Meta-Kind': 'papers' } } })
  await original.policy(`${a}/docs`, { versioning: 'auto', quota: '1000000', project: a })
  await original.policy(`${a}/plain`, { versioning: 'none', quota: '0', project: a })
  await original.run(sql`INSERT INTO groups (owner, name, member) VALUES (${a}, 'friends', ${bob.userId})`)
  const big = randomContent(40 * BLOCK + 17)
  big.fill(0, BLOCK, 3 * BLOCK)
  const serials = {
    first: await original.put(`${a}/docs/notes/one.txt`, { data: Buffer.from('first'), type: 'text/plain', muser: a }),
    second: await original.put(`${a}/docs/notes/one.txt`, {
      data: Buffer.from('second'),
      type: 'text/plain',
      muser: bob.userId,
      uuid: '6f1f0ad9-8a3e-4d9c-b3a1-0c8c6dbb4c01',
      attributes: { pithos: { 'X-Object-Meta-Quality': 'AAA' }, plankton: { 'plankton:name': 'an image' } },
    }),
    big: await original.put(`${a}/docs/big`, { data: big, type: 'application/octet-stream', muser: a }),
    old: await original.put(`${a}/docs/old layout`, {
      map: await original.store(Buffer.from('of long ago'), 'plain'),
      type: 'text/plain',
    }),
    empty: await original.put(`${a}/docs/empty`, { type: 'text/plain' }),
    gone: await original.put(`${a}/docs/gone`, { data: Buffer.from('gone'), type: 'text/plain' }),
    mark: await original.put(`${a}/docs/gone`, { deleted: true }),
    folder: await original.put(`${a}/docs/shared`, { type: 'application/directory' }),
    inside: await original.put(`${a}/docs/shared/näme &c`, { data: Buffer.alloc(BLOCK + 1, 'x'), type: 'text/plain' }),
    plain: await original.put(`${a}/plain/file`, { data: Buffer.from('plain'), type: 'text/plain' }),
  }
  await original.share(`${a}/docs/shared`, 'read', `${a}:friends`)
  await original.share(`${a}/docs/notes/one.txt`, 'write', bob.userId)
  await original.publish(`${a}/docs/big`, 'Xk2o9Zq1')
  return { serials, big }
}

for (const sqlite of [false, true]) {
  const kind = sqlite ? 'SQLite' : 'PostgreSQL'
  test(`accounts, containers and objects come from ${kind} with their past, numbers, times, sharing and links`, async ({
    onTestFinished,
  }) => {
    const { cloud, original, manage, bring, alice, bob } = await openMove(onTestFinished, { sqlite })
    const { serials, big } = await fill(original, alice, bob)
    const tried = await bring('--dry-run')
    expect(tried).toMatchObject({ status: 0, out: '' })
    expect(tried.err).toContain('To bring: 1 accounts, 2 containers, 8 objects with 10 versions')
    expect(await cloud.db.any(sql`SELECT FROM object_store.accounts`)).toHaveLength(0)

    const brought = await bring()
    expect(brought).toMatchObject({ status: 0, out: '' })
    expect(brought.err).toContain('Brought: 1 accounts, 2 containers, 8 objects with 10 versions')
    await expectSound(manage)

    const account = await alice.send('HEAD', '')
    expect(account.headers).toMatchObject({ 'x-account-meta-colour': 'blue', 'x-account-group-friends': bob.userId })
    const docs = await alice.send('HEAD', 'docs')
    expect(docs.headers).toMatchObject({
      'x-container-meta-kind': 'papers',
      'x-container-policy-quota': '1000000',
      'x-container-object-count': '6',
      'x-container-policy-versioning': 'auto',
    })
    expect((await alice.send('HEAD', 'plain')).headers['x-container-policy-versioning']).toBe('none')
    expect((await alice.send('GET', 'docs/big')).body.equals(big)).toBe(true)
    expect(await text(alice, 'docs/old%20layout')).toBe('of long ago')
    expect(await text(alice, 'docs/empty')).toBe('')
    expect((await alice.send('GET', 'docs/gone')).status).toBe(404)
    expect(await text(alice, `docs/gone?version=${serials.gone}`)).toBe('gone')

    const one = await alice.send('GET', 'docs/notes/one.txt')
    expect(one.text).toBe('second')
    expect(one.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-object-version': String(serials.second),
      'x-object-uuid': '6f1f0ad9-8a3e-4d9c-b3a1-0c8c6dbb4c01',
      'x-object-modified-by': bob.userId,
      'x-object-meta-quality': 'AAA',
      'x-object-hash': createHash('sha256').update('second').digest('hex'),
      'last-modified': new Date(Number(timeOf(serials.second)) * 1000).toUTCString(),
    })
    expect(await text(alice, `docs/notes/one.txt?version=${serials.first}`)).toBe('first')
    const [shown] = await manage.json(`file-show ${alice.userId} docs notes/one.txt --domain plankton`)
    expect(shown).toMatchObject({
      version_timestamp: timeOf(serials.second),
      'plankton:name': 'an image',
      mapfile: 'snf_file_2',
      permissions: `${alice.userId}/docs/notes/one.txt: write=${bob.userId}`,
    })
    const until = Number(timeOf(serials.second)) - 1
    expect((await alice.send('GET', `docs?until=${until}`)).text).toBe('notes/one.txt\n')

    expect(await text(bob, `/${alice.userId}/docs/shared/n%C3%A4me%20%26c`)).toBe('x'.repeat(BLOCK + 1))
    expect((await bob.send('GET', `/${alice.userId}/docs/big`)).status).toBe(403)
    expect(
      (await bob.send('POST', `/${alice.userId}/docs/notes/one.txt?update`, { headers: { 'X-Object-Meta-B': '1' } })).status,
    ).toBe(202)
    const linked = await fetch(`${cloud.url}/pithos/public/Xk2o9Zq1`)
    expect(Buffer.from(await linked.arrayBuffer()).equals(big)).toBe(true)

    // What is made here has numbers behind all that the original may still give.
    await alice.send('PUT', 'docs/new', { headers: TEXT, body: 'new' })
    const made = Number((await alice.send('HEAD', 'docs/new')).headers['x-object-version'])
    expect(made).toBeGreaterThan(1_000_000_000)
    await expectSound(manage)
  })
}

test('a repeated run changes nothing; one after changes in the original brings them', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice, bob } = await openMove(onTestFinished)
  await fill(original, alice, bob)
  await bring()
  const first = await everything(cloud)
  expect((await bring()).err).toContain(
    'Brought: 0 accounts, 0 containers, 0 objects with 0 versions, 0 blocks of 0 bytes. Unchanged: 11.',
  )
  expect(await everything(cloud)).toEqual(first)

  const a = alice.userId
  await original.put(`${a}/docs/notes/one.txt`, { data: Buffer.from('third'), type: 'text/plain' })
  await original.put(`${a}/docs/added`, { data: Buffer.from('added'), type: 'text/plain' })
  await original.put(`${a}/docs/big`, { deleted: true })
  await original.run(sql`DELETE FROM public`)
  await original.run(sql`DELETE FROM versions WHERE node = (SELECT node FROM nodes WHERE path = ${`${a}/docs/empty`})`)
  await original.run(sql`DELETE FROM nodes WHERE path = ${`${a}/docs/empty`}`)
  await original.run(sql`DELETE FROM versions WHERE node IN (SELECT node FROM nodes WHERE path LIKE ${`${a}/plain%`})`)
  await original.run(sql`DELETE FROM nodes WHERE path LIKE ${`${a}/plain%`}`)
  await original.put(a, { attributes: { pithos: { 'X-Account-Meta-Colour': 'green' } } })
  const last = await original.put(`${a}/docs`, { attributes: { pithos: { 'X-Container-Meta-Kind': 'letters' } } })
  await original.policy(`${a}/docs`, { quota: '2000000' })
  expect((await bring()).err).toContain('Brought: 1 accounts, 1 containers, 5 objects')
  expect((await alice.send('HEAD', '')).headers['x-account-meta-colour']).toBe('green')
  const docs = (path: string) => alice.send('HEAD', path).then(({ headers }) => headers)
  expect(await docs('docs')).toMatchObject({ 'x-container-meta-kind': 'letters', 'x-container-policy-quota': '2000000' })
  const before = Number(timeOf(last)) - 1
  expect(await docs(`docs?until=${before}`)).toMatchObject({ 'x-container-meta-kind': 'papers' })
  expect((await alice.send('HEAD', 'plain')).status).toBe(404)
  expect(await text(alice, 'docs')).toBe('added\nnotes/one.txt\nold layout\nshared\nshared/näme &c\n')
  expect(await text(alice, 'docs/notes/one.txt')).toBe('third')
  expect((await alice.send('GET', 'docs/empty?version=list')).status).toBe(404)
  expect((await fetch(`${cloud.url}/pithos/public/Xk2o9Zq1`)).status).toBe(404)
  await expectSound(manage)
})

test('an object with a damaged or missing block comes as broken, is named, and heals when the block is good', async ({
  onTestFinished,
}) => {
  const { original, manage, bring, alice } = await openMove(onTestFinished)
  const a = alice.userId
  const data = randomContent(70 * BLOCK)
  const hash = (at: number) =>
    createHash('sha256')
      .update(data.subarray(at * BLOCK, (at + 1) * BLOCK))
      .digest('hex')
  const serial = await original.put(`${a}/docs/rotten`, { data, attributes: { pithos: { 'X-Object-Meta-Kept': 'yes' } } })
  const small = await original.put(`${a}/docs/small`, { data: Buffer.from('small') })
  await original.put(`${a}/docs/fine`, { data: Buffer.from('fine') })
  await original.storeBlock(hash(3), Buffer.from('something else'))
  await original.removeBlock(createHash('sha256').update('small').digest('hex'))
  const first = await bring()
  expect(first.status).toBe(1)
  expect(first.out).toContain(`${a}/docs/rotten version ${serial}`)
  expect(first.out).toContain(`block ${hash(3)} is damaged`)
  expect(first.out).toMatch(new RegExp(`docs/small version ${small} .*is missing; it is brought without its data, as broken`))
  expect(await text(alice, 'docs/fine')).toBe('fine')
  expect((await alice.send('GET', 'docs/rotten')).status).toBe(400)
  expect((await alice.send('HEAD', 'docs/rotten')).headers).toMatchObject({
    'content-length': String(data.length),
    'x-object-meta-kept': 'yes',
    'x-object-version': String(serial),
  })
  await expectSound(manage)

  expect((await bring('--dry-run')).out).toContain(`docs/small version ${small}`)
  expect((await bring()).out).toBe(first.out) // told again, nothing else
  await original.storeBlock(hash(3), data.subarray(3 * BLOCK, 4 * BLOCK))
  await original.storeBlock(createHash('sha256').update('small').digest('hex'), Buffer.from('small'))
  expect(await bring()).toMatchObject({ status: 0, out: '' })
  expect((await alice.send('GET', 'docs/rotten')).body.equals(data)).toBe(true)
  expect(await text(alice, 'docs/small')).toBe('small')
  await expectSound(manage)
})

test('a run that was ended goes on where it was', async ({ onTestFinished }) => {
  let left = 90
  const blocks = openSimulated({
    before: (call) => {
      if (call === 'put' && left-- <= 0) throw new Error('the power failed')
    },
  })
  const { cloud, original, manage, line, bring, alice } = await openMove(onTestFinished, { blocks })
  const contents = Array.from({ length: 8 }, () => randomContent(65 * BLOCK))
  for (const [i, data] of contents.entries()) await original.put(`${alice.userId}/c${i % 4}/file ${i}`, { data })
  await expect(manage(line)).rejects.toThrow('the power failed')
  const { count } = await cloud.db.one<{ count: bigint }>(sql`SELECT count(*) FROM object_store.versions`)
  expect(Number(count)).toBeLessThan(8)
  left = Number.POSITIVE_INFINITY
  expect((await bring()).status).toBe(0)
  for (const [i, data] of contents.entries())
    expect((await alice.send('GET', `c${i % 4}/file%20${i}`)).body.equals(data)).toBe(true)
  await expectSound(manage)
})

test('two runs at once bring everything once', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice, bob } = await openMove(onTestFinished)
  await fill(original, alice, bob)
  const runs = await Promise.all([bring(), bring()])
  expect(runs.map(({ status, out }) => [status, out])).toEqual([
    [0, ''],
    [0, ''],
  ])
  const { count } = await cloud.db.one<{ count: bigint }>(sql`SELECT count(*) FROM object_store.versions`)
  expect(count).toBe(10n)
  expect(await text(alice, 'docs/notes/one.txt')).toBe('second')
  await expectSound(manage)
})

test('snapshots keep their availability; what their volumes wrote gets the name of its content', async ({ onTestFinished }) => {
  const { original, manage, bring, alice } = await openMove(onTestFinished)
  const a = alice.userId
  const shared = randomContent(BLOCK)
  const own = randomContent(BLOCK)
  const sharedHash = await original.storeBlock(createHash('sha256').update(shared).digest('hex'), shared)
  const ownName = await original.storeBlock(`snf-vol-7_${'1'.padStart(16, '0')}_${'2'.padStart(16, '0')}`, own)
  const zero = createHash('sha256').update('').digest('hex')
  await original.storeMap('snf-snap-7-1', [sharedHash, zero, ownName], 3 * BLOCK)
  const snapshot = (available: number, name: string) => ({
    map: { name, hash: name, size: 3 * BLOCK },
    isSnapshot: true,
    available,
    attributes: { plankton: { 'plankton:name': name } },
  })
  await original.put(`${a}/snapshots/ready`, snapshot(1, 'snf-snap-7-1'))
  await original.put(`${a}/snapshots/coming`, snapshot(0, 'snf-snap-7-2'))
  await original.put(`${a}/snapshots/failed`, snapshot(-1, 'snf-snap-7-3'))
  expect(await bring()).toMatchObject({ status: 0, out: '' })
  expect((await alice.send('GET', 'snapshots/ready')).body.equals(Buffer.concat([shared, Buffer.alloc(BLOCK), own]))).toBe(true)
  expect((await alice.send('GET', 'snapshots/coming')).status).toBe(403)
  expect((await alice.send('GET', 'snapshots/failed')).status).toBe(400)
  for (const [name, available, mapfile] of [
    ['ready', '1', 'snf-snap-7-1'],
    ['coming', '0', 'snf-snap-7-2'],
    ['failed', '-1', 'snf-snap-7-3'],
  ])
    expect((await manage.json(`file-show ${a} snapshots ${name}`))[0]).toMatchObject({ available, mapfile, is_snapshot: 'True' })
  await expectSound(manage)
})

test('what cannot be brought is named with the reason', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice } = await openMove(onTestFinished)
  const a = alice.userId
  await original.put('stranger@example.org/docs/file', { data: Buffer.from('lost') })
  const idle = '22222222-2222-4222-8222-222222222222'
  const person = { uuid: idle, email: 'idle@example.org', firstName: 'I', lastName: 'Dle', passwordHash: null }
  await cloud.db.transaction((tx) => createUser(cloud.identity, tx, person))
  await original.put(`${idle}/docs/file`, { data: Buffer.from('later') })
  await original.put(`${a}/docs/file`, { data: Buffer.from('mine') })
  await original.put(`${a}/docs/${'n'.repeat(1030)}`, { data: Buffer.from('long') })
  await original.policy(`${a}/docs`, { project: '11111111-1111-4111-8111-111111111111' })
  await original.run(sql`INSERT INTO groups (owner, name, member) VALUES (${a}, 'friends', 'nobody')`)
  await original.run(sql`INSERT INTO qh_serials (serial) VALUES (17)`)
  const { status, out, err } = await bring()
  expect(status).toBe(1)
  expect(err).toContain('1 commissions that are not resolved')
  expect(out).toMatch(/stranger@example\.org .*is no person of this cloud/)
  expect(out).toMatch(new RegExp(`${idle} .*was never active`))
  expect(out).toMatch(new RegExp(`${a} .*nobody of group friends is no person`))
  expect(out).toMatch(/docs .*no member of project 11111111/)
  expect(out).toMatch(/n{1030} .*longer than 1024 characters/)
  expect(await text(alice, 'docs')).toBe('file\n')
  expect(await cloud.db.any(sql`SELECT FROM object_store.groups`)).toHaveLength(0)
  await expectSound(manage)
  const only = await manage.json(
    `pithos-import --database ${original.database} --data ${original.data} --block-size ${BLOCK} --account none`,
  )
  expect(only).toEqual([{ What: 'none', Problem: 'the original has no such account' }])
})

test('links show manifests whose parts the owner named, and not those of others that he only touched', async ({
  onTestFinished,
}) => {
  const { cloud, original, bring, alice, bob } = await openMove(onTestFinished)
  const a = alice.userId
  await original.put(`${a}/docs/parts/1`, { data: Buffer.from('secret ') })
  await original.put(`${a}/docs/parts/2`, { data: Buffer.from('parts') })
  const manifest = (muser: string, value = 'docs/parts/') => ({ muser, attributes: { pithos: { 'X-Object-Manifest': value } } })
  await original.put(`${a}/docs/own`, manifest(bob.userId, 'docs/other/'))
  await original.put(`${a}/docs/own`, manifest(a))
  await original.put(`${a}/docs/own`, manifest(a))
  await original.put(`${a}/docs/foreign`, manifest(bob.userId))
  await original.put(`${a}/docs/foreign`, manifest(a))
  await original.publish(`${a}/docs/own`, 'OwnOwn1')
  await original.publish(`${a}/docs/foreign`, 'Foreign1')
  expect((await bring()).status).toBe(0)
  expect(await text(alice, 'docs/foreign')).toBe('secret parts')
  const linked = async (id: string) => (await fetch(`${cloud.url}/pithos/public/${id}`)).text()
  expect(await linked('OwnOwn1')).toBe('secret parts')
  expect(await linked('Foreign1')).not.toContain('secret')
})

test('usage follows beyond limits, and a container that its owner made before is filled', async ({ onTestFinished }) => {
  const { cloud, original, manage, bring, alice } = await openMove(onTestFinished)
  await cloud.db.run(sql`UPDATE identity.holdings SET "limit" = 10 WHERE resource = 'pithos.diskspace'`)
  expect((await alice.send('PUT', 'pithos')).status).toBe(201)
  await original.put(`${alice.userId}/pithos/file`, { data: Buffer.alloc(5000, 'x') })
  await original.policy(`${alice.userId}/pithos`, { versioning: 'none' })
  expect((await bring()).status).toBe(0)
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-policy-versioning']).toBe('none')
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('5000')
  expect((await alice.send('PUT', 'pithos/more', { headers: TEXT, body: 'more' })).status).toBe(413)
  await expectSound(manage)
})

test('a cloud that encrypts and charges history takes contents encrypted, and counts what was replaced', async ({
  onTestFinished,
}) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder, cipher: openCipher(blockKey(Buffer.alloc(32, 'k'))) })
  const settings = { PITHOS_BACKEND_FREE_VERSIONING: false }
  const { cloud, original, manage, bring, alice } = await openMove(onTestFinished, { blocks, settings })
  const large = Buffer.alloc(70 * BLOCK, 'told to nobody ')
  for (const data of [large, Buffer.from('told to nobody, and little')])
    await original.put(`${alice.userId}/docs/file`, { data, type: 'text/plain' })
  await original.put(`${alice.userId}/docs/large`, { data: large })
  expect((await bring()).status).toBe(0)
  expect(await text(alice, 'docs/file')).toBe('told to nobody, and little')
  expect((await alice.send('GET', 'docs/large')).body.equals(large)).toBe(true)
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe(String(2 * large.length + 26))
  for await (const { hash } of blocks.list()) expect((await readFile(blocks.pathOf(hash))).includes('told to nobody')).toBe(false)
  const { content } = await cloud.db.one<{ content: Buffer }>(
    sql`SELECT content FROM object_store.maps WHERE content IS NOT NULL`,
  )
  expect(content.includes('told to nobody')).toBe(false)
  await expectSound(manage)
})

test('mistakes of the operator are told before anything is changed', async ({ onTestFinished }) => {
  const { cloud, original, manage, alice } = await openMove(onTestFinished)
  await original.put(`${alice.userId}/docs/file`, { data: Buffer.from('mine'), attributes: { pithos: { a: 'b' } } })
  const settings = join(original.data, 'settings.conf')
  await writeFile(settings, `PITHOS_BASE_URL = 'x'\nPITHOS_BACKEND_DB_CONNECTION = '${original.database}'\n`)
  const other = await openFakeOriginal(onTestFinished, { blockSizeBytes: BLOCK })
  const sha1 = await openFakeOriginal(onTestFinished, { blockSizeBytes: BLOCK })
  await sha1.put(`${alice.userId}/docs/file`, { map: { name: 'snf_file_1', hash: '0'.repeat(40), size: 3 } })
  const sha3 = await openFakeOriginal(onTestFinished, { blockSizeBytes: BLOCK })
  const sha3Name = createHash('sha3-256').update('abc').digest('hex')
  await sha3.storeBlock(sha3Name, Buffer.from('abc'))
  await sha3.storeMap('snf_file_1', [sha3Name], 3)
  await sha3.put(`${alice.userId}/docs/file`, { map: { name: 'snf_file_1', hash: sha3Name, size: 3 } })
  const told = await openFakeOriginal(onTestFinished, { blockSizeBytes: BLOCK })
  await told.run(sql`INSERT INTO config (key, value) VALUES ('hash_algorithm', 'md5')`)
  const wrong: [string, RegExp][] = [
    [`--database postgresql://127.0.0.1:1/none --data ${original.data}`, /cannot be opened.*ECONNREFUSED/],
    [`--database mysql://127.0.0.1/none --data ${original.data}`, /begins with postgresql/],
    [`--database /no/such/file --data ${original.data}`, /neither an address/],
    [`--database sqlite:////no/such/file --data ${original.data}`, /cannot be opened/],
    [
      `--database ${cloud.databaseUrl} --data ${original.data}`,
      /no database of the object storage of the original: it has no table nodes/,
    ],
    [`--database ${original.database} --data /no/such/folder`, /is no folder/],
    [`--database ${original.database} --data ${other.data}`, /There is no map of the newest object/],
    [
      `--database ${original.database} --data ${other.data} --maps ${join(original.data, 'maps')}`,
      /There is no block of the newest object/,
    ],
    [`--database ${sha1.database} --data ${sha1.data}`, /names its blocks by SHA-1/],
    [`--database ${sha3.database} --data ${sha3.data}`, /names its blocks by sha3-256/i],
    [`--database ${told.database} --data ${told.data}`, /names its blocks by md5/],
    [`--database ${original.database} --data ${original.data} --block-size 4096`, /have 4096 bytes, those of this cloud 1024/],
  ]
  for (const [options, problem] of wrong) {
    const ran = await manage(`pithos-import ${options} ${options.includes('--block-size') ? '' : `--block-size ${BLOCK}`}`)
    expect([options, ran]).toEqual([options, { status: 1, out: '', err: expect.stringMatching(problem) }])
  }
  for (const options of ['', `--database ${original.database}`, `--data ${original.data}`])
    expect((await manage(`pithos-import ${options}`)).status).toBe(2)
  expect(await cloud.db.any(sql`SELECT FROM object_store.accounts`)).toHaveLength(0)
  expect((await manage(`pithos-import --database ${settings} --data ${original.data} --block-size ${BLOCK}`)).status).toBe(0)
})

test('installations of the oldest releases come too', async ({ onTestFinished }) => {
  const { cloud, original, bring, alice } = await openMove(onTestFinished)
  await original.put(`${alice.userId}/docs/file`, { map: await original.store(Buffer.from('old'), 'plain') })
  await original.publish(`${alice.userId}/docs/file`, 'none')
  for (const change of [
    'ALTER TABLE versions DROP COLUMN mapfile, DROP COLUMN available, DROP COLUMN is_snapshot',
    'ALTER TABLE public DROP COLUMN url',
    'DROP TABLE config',
    'DROP TABLE qh_serials',
  ])
    await original.run(sql`${raw(change)}`)
  await original.run(sql`UPDATE public SET public_id = 100`)
  expect(await bring()).toMatchObject({ status: 0, out: '' })
  expect(await text(alice, 'docs/file')).toBe('old')
  expect(await (await fetch(`${cloud.url}/pithos/public/vm7j8`)).text()).toBe('old')
  expect([1n, 2n, 100n].map(linkIdOfRow)).toEqual(['9npwd', 'jdycp', 'vm7j8'])
})
