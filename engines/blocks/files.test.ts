import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type onTestFinished as OnTestFinished, test } from 'vitest'
import { BlockDamaged, BlocksReadOnly, NoSpace, openFiles } from './index.ts'

async function temporaryFolder(finished: typeof OnTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
  finished(() => rm(folder, { recursive: true }))
  return folder
}

async function storedFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

test('a block lies at ab/cd/hash and nothing else is left', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  const hash = await blocks.put(Buffer.from('one'))
  expect(blocks.pathOf(hash)).toBe(join(folder, hash.slice(0, 2), hash.slice(2, 4), hash))
  expect(await storedFiles(folder)).toEqual([hash])
})

test('two processes share one folder', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const [one, other] = [await openFiles({ folder }), await openFiles({ folder })]
  const data = Buffer.from('shared')
  const [hash] = await Promise.all([one.put(data), other.put(data)])
  expect(await other.get(hash!)).toEqual(data)
  expect(await storedFiles(folder)).toEqual([hash])
})

test('a reader changes nothing and writes nothing', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const empty = await openFiles({ folder: join(folder, 'not there'), access: 'read' })
  expect(await empty.usage()).toEqual({ blocks: 0, bytes: 0 })
  const hash = await (await openFiles({ folder })).put(Buffer.from('one'))
  const reader = await openFiles({ folder, access: 'read' })
  expect(await reader.get(hash)).toEqual(Buffer.from('one'))
  await expect(reader.put(Buffer.from('two'))).rejects.toThrow(BlocksReadOnly)
  await expect(reader.remove(hash)).rejects.toThrow(BlocksReadOnly)
})

test('unfinished files of a crash are removed when old, and left alone when they may be in use', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  await openFiles({ folder })
  const [old, young] = [join(folder, 'incoming', 'old'), join(folder, 'incoming', 'young')]
  await writeFile(old, 'half a bl')
  await utimes(old, new Date(), new Date(Date.now() - 2 * 3600_000))
  await writeFile(young, 'half a bl')
  await openFiles({ folder })
  expect(await readdir(join(folder, 'incoming'))).toEqual(['young'])
})

test('a block cut short by a crash of the host is written again', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  const data = Buffer.from('whole content')
  const hash = await blocks.put(data)
  await truncate(blocks.pathOf(hash), 3)
  await blocks.put(data)
  expect(await blocks.get(hash)).toEqual(data)
})

test('putting an old block again makes it young for the collector', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  const hash = await blocks.put(Buffer.from('seen before'))
  await utimes(blocks.pathOf(hash), new Date(0), new Date(0))
  await blocks.put(Buffer.from('seen before'))
  expect((await stat(blocks.pathOf(hash))).mtimeMs).toBeGreaterThan(Date.now() - 60_000)
})

test.runIf(process.getuid?.() === 0)('a full disk is told and leaves nothing behind', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', [folder]))
  const blocks = await openFiles({ folder })
  await blocks.put(Buffer.alloc(1024 * 1024, 1))
  await expect(blocks.put(Buffer.alloc(4 * 1024 * 1024, 2))).rejects.toThrow(NoSpace)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
  await blocks.put(Buffer.from('a small one still fits'))
})

test.runIf(process.getuid?.() === 0)('blocks put by root belong to the owner of the folder', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  await chown(folder, 1234, 1234)
  await chmod(folder, 0o700)
  const blocks = await openFiles({ folder })
  const hash = await blocks.put(Buffer.from('by root'))
  expect((await stat(blocks.pathOf(hash))).uid).toBe(1234)
  expect((await stat(join(folder, hash.slice(0, 2)))).uid).toBe(1234)
})

test('a put that finds an old block taken away at the last moment stores it anew', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  const data = Buffer.from('old and wanted')
  const hash = await blocks.put(data)
  for (let turn = 0; turn < 50; turn += 1) {
    await utimes(blocks.pathOf(hash), new Date(0), new Date(0))
    await Promise.all([blocks.put(data), blocks.setAside(hash)])
    const young = (await Array.fromAsync(blocks.aside())).filter(({ storedAt }) => storedAt.getTime() > 0)
    expect((await blocks.present([hash])).size + young.length).toBeGreaterThan(0)
    for (const copy of await Array.fromAsync(blocks.aside()))
      await (copy.storedAt.getTime() > 0 ? blocks.bringBack(copy) : blocks.discard(copy))
    expect(await blocks.get(hash)).toEqual(data)
  }
})

test('a reader sees blocks that are on their way out, and nobody sees those in quarantine', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  const reader = await openFiles({ folder, access: 'read' })
  const [going, rotten] = [await blocks.put(Buffer.from('going')), await blocks.put(Buffer.from('rotten'))]
  await blocks.setAside(going)
  expect((await reader.get(going))?.toString()).toBe('going')
  await writeFile(blocks.pathOf(rotten), 'Rotten')
  await blocks.quarantine(rotten)
  expect(await reader.get(rotten)).toBeUndefined()
  const [copy] = await Array.fromAsync(reader.aside())
  for (const change of [
    () => reader.setAside(going),
    () => reader.bringBack(copy!),
    () => reader.discard(copy!),
    () => reader.quarantine(rotten),
    () => reader.clearLeftovers(0),
  ])
    await expect(change()).rejects.toThrow(BlocksReadOnly)
})

test('leftovers of writers are cleared by age', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  const old = join(folder, 'incoming', 'old')
  await writeFile(old, 'half')
  await utimes(old, new Date(), new Date(Date.now() - 7200_000))
  await writeFile(join(folder, 'incoming', 'young'), 'half')
  expect(await blocks.clearLeftovers(3600)).toBe(1)
  expect(await readdir(join(folder, 'incoming'))).toEqual(['young'])
})

test('a probe fails where nothing can be stored', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const blocks = await openFiles({ folder })
  await rm(join(folder, 'incoming'), { recursive: true })
  await expect(blocks.probe()).rejects.toThrow('ENOENT')
})

test('a block is verified again when its time has passed or its file was touched, and not in between', async ({
  onTestFinished,
}) => {
  const folder = await temporaryFolder(onTestFinished)
  const data = Buffer.from('whole content')
  const patient = await openFiles({ folder })
  const hash = await patient.put(data)
  const time = new Date(1_700_000_000_000)
  await utimes(patient.pathOf(hash), time, time)
  await (await patient.open(hash))!.close()
  await writeFile(patient.pathOf(hash), 'Whole content')
  await utimes(patient.pathOf(hash), time, time) // as a disk rots: nothing says so
  await (await patient.open(hash))!.close() // believed: it was verified a moment ago
  const suspicious = await openFiles({ folder, verifiedSeconds: 0 })
  await expect(suspicious.open(hash)).rejects.toThrow(BlockDamaged)
  await utimes(patient.pathOf(hash), time, new Date(time.getTime() + 1000))
  await expect(patient.open(hash)).rejects.toThrow(BlockDamaged)
})
