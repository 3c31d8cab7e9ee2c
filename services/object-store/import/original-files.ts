// The files of the original: blocks and maps, as its file store of any release lays them out. Nothing is ever written.
//
// A file lies at <folder>/<aa>/<bb>/<cc>/<name>, where aabbcc are the first digits of the SHA-256 of the name, or, in the
// older layout, of the name itself when that is a hash. Flat folders are read too: pools of another store that were copied
// out object by object.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isHash, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'

/** What is wrong with the data of an object, for the report. */
export class ContentProblem extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ContentProblem'
  }
}

/** A block as a map names it. */
export interface MapEntry {
  /** Hash of the content, or the name of a block that belonged to a volume. */
  name: string
  isHash: boolean
}

export interface OriginalFiles {
  readonly blockSizeBytes: number
  /** The blocks of a content, in order. Throws `ContentProblem`. */
  entriesOf(map: string, sizeBytes: bigint): Promise<MapEntry[]>
  block(name: string): Promise<Buffer | undefined>
  /** How long its file is. */
  blockBytes(name: string): Promise<number | undefined>
}

export interface OriginalFolders {
  /** Holds `blocks` and `maps`, or is one folder for both. */
  data: string
  /** Where maps are, if elsewhere. */
  maps: string | undefined
  blockSizeBytes: number
}

export async function openOriginalFiles({ data, maps, blockSizeBytes }: OriginalFolders): Promise<OriginalFiles> {
  await mustBeFolder(data)
  if (maps !== undefined) await mustBeFolder(maps)
  const within = async (name: string) => ((await isFolder(join(data, name))) ? join(data, name) : data)
  const blockFolder = await within('blocks')
  const mapFolder = maps ?? (await within('maps'))
  const readMap = (name: string) => firstOf(pathsOf(mapFolder, name), readIfThere)
  return {
    blockSizeBytes,
    entriesOf: (map, sizeBytes) => readEntries(readMap, map, { sizeBytes, blockSizeBytes }),
    block: (name) => firstOf(pathsOf(blockFolder, name), readIfThere),
    blockBytes: async (name) => (await firstOf(pathsOf(blockFolder, name), (path) => stat(path).catch(absent)))?.size,
  }
}

const NAME = /^[\w.~@+-]{1,123}$/

function pathsOf(folder: string, name: string): string[] {
  if (!NAME.test(name) || name.startsWith('.')) return []
  const shelf = (digits: string) => join(folder, digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6), name)
  const hashed = shelf(createHash('sha256').update(name).digest('hex'))
  return isHash(name) ? [shelf(name), hashed, join(folder, name)] : [hashed, join(folder, name)]
}

async function firstOf<T>(paths: readonly string[], look: (path: string) => Promise<T | undefined>): Promise<T | undefined> {
  for (const path of paths) {
    const found = await look(path)
    if (found !== undefined) return found
  }
  return undefined
}

const MAGIC = 0x414d462e
const HEADER_BYTES = 32
const ENTRY_BYTES = 128
const OLD_ENTRY_BYTES = 33
const OLD_HEADER_BYTES = 12
const FLAG = { private: 2, zero: 4, deleted: 8 }

interface Size {
  sizeBytes: bigint
  blockSizeBytes: number
}

type ReadMap = (name: string) => Promise<Buffer | undefined>

/** Reads a map of any of the formats that the original wrote. */
async function readEntries(read: ReadMap, name: string, size: Size): Promise<MapEntry[]> {
  const header = await read(name)
  if (!header) throw new ContentProblem(`map ${name} is missing`)
  const entries =
    header.length >= HEADER_BYTES && header.readUInt32BE(0) === MAGIC
      ? await readCurrentFormat(read, name, header, size)
      : isHash(name)
        ? readPlainList(name, header)
        : readOldVolume(name, header)
  const blocks = countOf(size)
  if (BigInt(entries.length) !== blocks)
    throw new ContentProblem(
      `map ${name} lists ${entries.length} blocks, but ${size.sizeBytes} bytes are ${blocks} blocks of ${size.blockSizeBytes} bytes`,
    )
  return entries
}

const countOf = ({ sizeBytes, blockSizeBytes }: Size) => (sizeBytes + BigInt(blockSizeBytes) - 1n) / BigInt(blockSizeBytes)

const ZERO: MapEntry = { name: ZERO_BLOCK, isHash: true }

/** The oldest: hashes, one after the other. */
function readPlainList(name: string, list: Buffer): MapEntry[] {
  if (list.length % 32 !== 0) throw new ContentProblem(`map ${name} is no list of SHA-256 hashes`)
  return Array.from({ length: list.length / 32 }, (_, i) => ({ name: list.toString('hex', i * 32, i * 32 + 32), isHash: true }))
}

/** Volumes of old. */
function readOldVolume(name: string, map: Buffer): MapEntry[] {
  const whole = (map.length - OLD_HEADER_BYTES) % OLD_ENTRY_BYTES === 0
  if (map.length < OLD_HEADER_BYTES || map.readUInt32LE(0) !== 1 || !whole)
    throw new ContentProblem(`map ${name} has a format that is not known`)
  return Array.from({ length: (map.length - OLD_HEADER_BYTES) / OLD_ENTRY_BYTES }, (_, i) => {
    const at = OLD_HEADER_BYTES + i * OLD_ENTRY_BYTES
    const hex = map.toString('hex', at + 1, at + OLD_ENTRY_BYTES)
    return map[at] === 1 ? { name: `archip_${hex}`, isHash: false } : { name: hex, isHash: true }
  })
}

/** A header, and entries in objects of their own. */
async function readCurrentFormat(read: ReadMap, name: string, header: Buffer, { sizeBytes }: Size): Promise<MapEntry[]> {
  const version = header.readUInt32BE(4)
  if (version !== 2) throw new ContentProblem(`map ${name} has format ${version}, which is not known`)
  const size = { sizeBytes: header.readBigUInt64BE(8), blockSizeBytes: header.readUInt32BE(16) }
  if (size.sizeBytes !== sizeBytes)
    throw new ContentProblem(`map ${name} is one of ${size.sizeBytes} bytes, but the object has ${sizeBytes}`)
  if (size.blockSizeBytes < ENTRY_BYTES) throw new ContentProblem(`map ${name} has a header that makes no sense`)
  const perObject = Math.floor(size.blockSizeBytes / ENTRY_BYTES)
  const count = Number(countOf(size))
  const entries: MapEntry[] = []
  for (let k = 0; entries.length < count; k += 1) {
    const part = (await read(`${name}_${k.toString(16).padStart(16, '0')}`)) ?? Buffer.alloc(0)
    const wanted = Math.min(perObject, count - entries.length)
    if (part.length < wanted * ENTRY_BYTES) throw new ContentProblem(`map ${name} ends before its last block`)
    for (let i = 0; i < wanted; i += 1) entries.push(entryAt(part, i * ENTRY_BYTES, name))
  }
  return entries
}

function entryAt(part: Buffer, at: number, map: string): MapEntry {
  const flags = part[at]!
  if (flags & (FLAG.zero | FLAG.deleted)) return ZERO
  const length = part.readUInt32LE(at + 1)
  if (length === 0 || length > ENTRY_BYTES - 5) throw new ContentProblem(`map ${map} holds an entry that makes no sense`)
  const name = part.toString('latin1', at + 5, at + 5 + length)
  return { name, isHash: !(flags & FLAG.private) && isHash(name) }
}

async function mustBeFolder(path: string): Promise<void> {
  if (!(await isFolder(path))) throw new Fault('badRequest', `${path} is no folder, or cannot be looked into`)
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

const readIfThere = (path: string): Promise<Buffer | undefined> => readFile(path).catch(absent)

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
