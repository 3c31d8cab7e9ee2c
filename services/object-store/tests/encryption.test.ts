import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Blocks, blockKey, openCipher, openFiles, openSimulated } from '@synnefo/engine-blocks'
import { SettingsError } from '@synnefo/lib/settings'
import { type Db, sql } from '@synnefo/lib/sql'
import { type OnTestFinished, randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { commandLine } from '../commands/testing.ts'
import { openMap } from '../maps.ts'
import { openTestStore } from '../testing.ts'
import { nothingScrubbed, scrub } from '../upkeep/scrub.ts'
import { openAlice, put, TEXT } from './alice.ts'

const BLOCK = 128 * 1024
const MARKER = 'marked by Alice '
const CIPHER = openCipher(blockKey(Buffer.alloc(32, 'secret')))

async function openEncrypted(onTestFinished: OnTestFinished) {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder, cipher: CIPHER })
  const opened = await openAlice(onTestFinished, {
    blocks,
    settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, PITHOS_UPDATE_MD5: true },
  })
  const read = async (name: string, headers: Record<string, string> = {}) =>
    (await opened.alice.send('GET', `pithos/${name}`, { headers })).body
  return { ...opened, folder, blocks, read, manage: commandLine(opened.cloud) }
}

async function bytesOfAllFiles(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))))
}

/** Every row of every table of the service, bytes in hex. */
async function dump(db: Db): Promise<string> {
  const rows = await db.any<{ rows: string }>(sql`
    SELECT query_to_xml(format('SELECT t::text AS line FROM object_store.%I t', table_name), false, false, '')::text AS rows
    FROM information_schema.tables WHERE table_schema = 'object_store' AND table_type = 'BASE TABLE'`)
  return rows.map(({ rows }) => rows).join('\n')
}

test('nothing that came as data is on the disk or in the database as it came, and all of it reads back', async ({
  onTestFinished,
}) => {
  const { cloud, alice, folder, blocks, read, manage } = await openEncrypted(onTestFinished)
  const large = Buffer.alloc(5 * BLOCK + 777, MARKER)
  const listed = Buffer.alloc(BLOCK, `${MARKER}in a list of hashes `)
  const changed = Buffer.from(large)
  Buffer.from(`${MARKER}later`).copy(changed, BLOCK + 5)

  await put(alice, 'small', `${MARKER}and little`)
  await put(alice, 'small/copy', `${MARKER}and little`)
  await put(alice, 'large', large)
  await put(alice, 'changed', large)
  const sent = await alice.send('POST', 'pithos?update&format=json', {
    headers: { 'Content-Type': 'application/octet-stream' },
    body: listed,
  })
  expect(sent.status).toBe(202)
  const hashes = { bytes: listed.length, hashes: sent.json() }
  expect(
    (await alice.send('PUT', 'pithos/listed?hashmap&format=json', { headers: TEXT, body: JSON.stringify(hashes) })).status,
  ).toBe(201)
  const patch = {
    'Content-Type': 'application/octet-stream',
    'Content-Range': `bytes ${BLOCK + 5}-${BLOCK + 4 + MARKER.length + 5}/*`,
  }
  expect((await alice.send('POST', 'pithos/changed', { headers: patch, body: `${MARKER}later` })).status).toBe(204)
  await put(alice, 'grown', `${MARKER}once, `)
  const append = { 'Content-Type': 'application/octet-stream', 'Content-Range': 'bytes */*' }
  expect((await alice.send('POST', 'pithos/grown', { headers: append, body: `${MARKER}twice` })).status).toBe(204)

  const files = await bytesOfAllFiles(folder)
  expect(files.length).toBeGreaterThan(BLOCK)
  expect(files.includes(MARKER)).toBe(false)
  const rows = await dump(cloud.db)
  expect(rows).toContain('small/copy')
  for (const trace of [MARKER, Buffer.from(MARKER).toString('hex')]) expect(rows).not.toContain(trace)

  expect((await read('small')).toString()).toBe(`${MARKER}and little`)
  expect((await read('small', { Range: 'bytes=3-9' })).toString()).toBe(MARKER.slice(3, 10))
  expect((await read('large')).equals(large)).toBe(true)
  expect((await read('listed')).equals(listed)).toBe(true)
  expect((await read('changed')).equals(changed)).toBe(true)
  expect(
    (await read('changed', { Range: `bytes=${BLOCK - 3}-${2 * BLOCK + 7}` })).equals(changed.subarray(BLOCK - 3, 2 * BLOCK + 8)),
  ).toBe(true)
  expect((await read('grown')).toString()).toBe(`${MARKER}once, ${MARKER}twice`)

  // What lies in a row becomes a block when a volume needs it.
  const { mapId } = await cloud.db.one<{ mapId: bigint }>(
    sql`SELECT map_id AS "mapId" FROM object_store.versions WHERE name = 'grown' AND state = 'current'`,
  )
  const opened = await openMap(cloud.store, mapId)
  expect((await blocks.get(opened!.hashes[0]!))?.toString()).toBe(`${MARKER}once, ${MARKER}twice`)
  expect((await read('grown')).toString()).toBe(`${MARKER}once, ${MARKER}twice`)
  expect((await bytesOfAllFiles(folder)).includes(MARKER)).toBe(false)
  expect(await manage('pithos-fsck --verify-data')).toMatchObject({ status: 0, err: expect.stringContaining('No problems') })
})

test('equal contents are stored once, as without encryption', async ({ onTestFinished }) => {
  const { alice, blocks } = await openEncrypted(onTestFinished)
  const data = randomContent(2 * BLOCK)
  await put(alice, 'a', data)
  await put(alice, 'b', data)
  expect((await blocks.usage()).blocks).toBe(2)
})

test('encrypted content in a row that does not match its name is kept apart, and heals by an upload', async ({
  onTestFinished,
}) => {
  const { cloud, alice, read, manage } = await openEncrypted(onTestFinished)
  for (const name of ['one', 'precious', 'two', 'three']) await put(alice, name, name)
  await cloud.db.run(sql`
    UPDATE object_store.maps SET content = set_byte(content, 2, get_byte(content, 2) # 1) WHERE root = sha256('precious')`)
  const report = nothingScrubbed()
  await scrub(cloud.store, report)
  expect(report).toMatchObject({ damaged: 1 })
  const [row, ...others] = await manage.json('pithos-fsck --verify-data')
  expect(row).toMatchObject({ Problem: 'damaged block', 'Needed by': expect.stringContaining('pithos/precious') })
  expect(others).toEqual([])
  await put(alice, 'precious', 'precious')
  expect((await read('precious')).toString()).toBe('precious')
  expect((await manage('pithos-fsck --verify-data')).status).toBe(0)
})

const plain = async (): Promise<Blocks> => openSimulated()
const encryptedWith = (secret: string) => async (onTestFinished: OnTestFinished) =>
  openFiles({ folder: await temporaryFolder(onTestFinished), cipher: openCipher(blockKey(Buffer.alloc(32, secret))) })

test.for([
  { as: 'with the key it was started with', first: encryptedWith('a'), later: encryptedWith('a'), refusal: undefined },
  { as: 'with another key', first: encryptedWith('a'), later: encryptedWith('b'), refusal: /another key/ },
  { as: 'without encryption after it was started with it', first: encryptedWith('a'), later: plain, refusal: /set it to true/ },
  { as: 'with encryption after it was started without', first: plain, later: encryptedWith('a'), refusal: /set it to false/ },
])('a cloud opens $as', async ({ first, later, refusal }, { onTestFinished }) => {
  const { cloud } = await openAlice(onTestFinished, { blocks: await first(onTestFinished) })
  const again = openTestStore(cloud.db, { blocks: await later(onTestFinished) })
  if (!refusal) return expect((await again).blockSizeBytes).toBe(cloud.store.blockSizeBytes)
  await expect(again).rejects.toThrow(SettingsError)
  await expect(again).rejects.toThrow(refusal)
})
