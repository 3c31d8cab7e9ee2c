import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ZERO_BLOCK } from '@synnefo/engine-blocks'
import { randomContent, temporaryFolder } from '@synnefo/lib/testing'
import { expect, onTestFinished, test } from 'vitest'
import { ContentProblem, openOriginalFiles } from './original-files.ts'

const BLOCK = 1024
const SIZE = 2 * BLOCK + 5
const A = createHash('sha256').update('a').digest('hex')
const B = createHash('sha256').update('b').digest('hex')
const MAP = createHash('sha256').update('map').digest('hex')

const shelf = (digits: string, name: string) => join(digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6), name)
const byName = (name: string) => shelf(name, name)
const byHash = (name: string) => shelf(createHash('sha256').update(name).digest('hex'), name)
const flat = (name: string) => name

interface Header {
  version?: number
  size?: number
  block?: number
}

function header({ version = 2, size = SIZE, block = BLOCK }: Header = {}): Buffer {
  const bytes = Buffer.alloc(512)
  bytes.writeUInt32BE(0x414d462e, 0)
  bytes.writeUInt32BE(version, 4)
  bytes.writeBigUInt64BE(BigInt(size), 8)
  bytes.writeUInt32BE(block, 16)
  return bytes
}

function entry(name: string, flags = 0): Buffer {
  const bytes = Buffer.alloc(128)
  bytes[0] = flags
  bytes.writeUInt32LE(name.length, 1)
  bytes.write(name, 5, 'latin1')
  return bytes
}

const part = (name: string, k: number) => `${name}_${k.toString(16).padStart(16, '0')}`
const plainList = Buffer.from(A + ZERO_BLOCK + B, 'hex')
const oldVolume = (...entries: [flag: number, hex: string][]) => {
  const head = Buffer.alloc(12)
  head.writeUInt32LE(1, 0)
  head.writeBigUInt64LE(BigInt(SIZE), 4)
  return Buffer.concat([head, ...entries.map(([flag, hex]) => Buffer.concat([Buffer.from([flag]), Buffer.from(hex, 'hex')]))])
}

async function openFolder(files: Record<string, Buffer>) {
  const folder = await temporaryFolder(onTestFinished)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return openOriginalFiles({ data: folder, maps: undefined, blockSizeBytes: BLOCK })
}

const zero = { name: ZERO_BLOCK, isHash: true }
const hashed = (name: string) => ({ name, isHash: true })
const READ: [string, string, Record<string, Buffer>, unknown[]][] = [
  ['the oldest list, by its name', MAP, { [join('maps', byName(MAP))]: plainList }, [hashed(A), zero, hashed(B)]],
  ['the oldest list, by the hash of its name', MAP, { [join('maps', byHash(MAP))]: plainList }, [hashed(A), zero, hashed(B)]],
  [
    'a volume of old',
    'archip_v',
    { [byHash('archip_v')]: oldVolume([0, A], [1, B], [0, ZERO_BLOCK]) },
    [hashed(A), { name: `archip_${B}`, isHash: false }, zero],
  ],
  [
    'a map of today, with zeros, deleted blocks and those of a volume',
    'snf_file_7',
    {
      [byHash('snf_file_7')]: header({ size: 4 * BLOCK }),
      [byHash(part('snf_file_7', 0))]: Buffer.concat([entry(A), entry('', 4), entry('x', 8), entry('snf-vol-7_1_2', 3)]),
    },
    [hashed(A), zero, zero, { name: 'snf-vol-7_1_2', isHash: false }],
  ],
  [
    'one that goes on in another object, in a flat folder',
    'snf_file_8',
    {
      [flat('snf_file_8')]: header({ size: 9 * BLOCK }),
      [part('snf_file_8', 0)]: Buffer.concat(Array.from({ length: 8 }, () => entry(A))),
      [part('snf_file_8', 1)]: entry(B),
    },
    [...Array.from({ length: 8 }, () => hashed(A)), hashed(B)],
  ],
]

test.each(READ)('%s is read', async (_, name, files, entries) => {
  const size = name === 'snf_file_7' ? 4 * BLOCK : name === 'snf_file_8' ? 9 * BLOCK : SIZE
  expect(await (await openFolder(files)).entriesOf(name, BigInt(size))).toEqual(entries)
})

const BROKEN: [string, string, Record<string, Buffer>, RegExp][] = [
  ['none', 'snf_file_1', {}, /snf_file_1 is missing/],
  ['a list that is cut off', MAP, { [byName(MAP)]: plainList.subarray(0, 90) }, /no list of SHA-256/],
  [
    'a list of another size',
    MAP,
    { [byName(MAP)]: plainList.subarray(0, 64) },
    /lists 2 blocks, but 2053 bytes are 3 blocks of 1024/,
  ],
  ['noise', 'snf_file_1', { [byHash('snf_file_1')]: randomContent(200) }, /format that is not known|format \d+/],
  ['nothing', 'snf_file_1', { [byHash('snf_file_1')]: Buffer.alloc(0) }, /format that is not known/],
  ['a format of the future', 'snf_file_1', { snf_file_1: header({ version: 16 }) }, /has format 16/],
  [
    'that of a volume of another size',
    'snf_file_1',
    { snf_file_1: header({ size: 1 }) },
    /one of 1 bytes, but the object has 2053/,
  ],
  ['blocks of no bytes', 'snf_file_1', { snf_file_1: header({ block: 0 }) }, /makes no sense/],
  [
    'entries that are missing',
    'snf_file_1',
    { snf_file_1: header(), [part('snf_file_1', 0)]: entry(A) },
    /ends before its last block/,
  ],
  [
    'an entry without a name',
    'snf_file_1',
    { snf_file_1: header(), [part('snf_file_1', 0)]: Buffer.concat([entry(A), entry(''), entry(B)]) },
    /entry that makes no sense/,
  ],
  ['a name that leads elsewhere', '../secret', { secret: plainList }, /is missing/],
]

test.each(BROKEN)('instead of a map, %s is told as what it is', async (_, name, files, problem) => {
  const reading = (await openFolder(files)).entriesOf(name, BigInt(SIZE))
  await expect(reading).rejects.toThrow(ContentProblem)
  await expect(reading).rejects.toThrow(problem)
})

test('blocks are found in every layout, and nothing outside of the folder is', async () => {
  const files = await openFolder({
    [join('blocks', byName(A))]: Buffer.from('a'),
    [join('blocks', byHash(B))]: Buffer.from('b'),
    [join('blocks', 'snf-vol-7_1_2')]: Buffer.from('c'),
    secret: Buffer.from('secret'),
  })
  for (const [name, content] of Object.entries({ [A]: 'a', [B]: 'b', 'snf-vol-7_1_2': 'c' })) {
    expect((await files.block(name))?.toString()).toBe(content)
    expect(await files.blockBytes(name)).toBe(1)
  }
  for (const name of ['../secret', '..', '.', '', MAP, 'x'.repeat(200), 'a/b', 'a\0b']) {
    expect([name, await files.block(name)]).toEqual([name, undefined])
    expect([name, await files.blockBytes(name)]).toEqual([name, undefined])
  }
})
