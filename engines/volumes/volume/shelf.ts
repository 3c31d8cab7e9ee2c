// Volumes at rest: one folder for each, made whole or not at all.
//
//   volume.json   size, piece size, and what the source is
//   source        the source's hashes, 32 bytes each
//   overlay       the volume's own pieces, at their own offsets; sparse
//   map, changes  which pieces are own (piece-map.ts)
//   lock          (lock.ts)
//
// A folder is filled under a name with a leading dot, synced, and renamed; removing begins with renaming back to such
// a name. What a crash leaves under such names is cleared away when the shelf is opened.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isHash } from '@synnefo/engine-blocks'
import { VolumeExists, VolumeMissing } from '../errors.ts'
import type { BlockMap, VolumeSpec } from '../index.ts'

const FORMAT = 1
const SECTOR_BYTES = 512
const DEFAULT_PIECE_BYTES = 65536
/** Keeps the map in memory within 128 MiB: 32 TiB of large pieces, 2 TiB of small ones. */
const MAX_PIECES = 2 ** 29
const NAME = /^[a-z0-9-]{1,64}$/
/** Making a volume takes far less; a folder that is older was left behind. */
const LEFTOVER_MS = 10 * 60_000

/** volume.json */
interface Label {
  format: typeof FORMAT
  sizeBytes: number
  pieceBytes: number
  source?: { sizeBytes: number; blockSizeBytes: number; sha256: string }
}

export interface ShelvedVolume {
  folder: string
  sizeBytes: number
  pieceBytes: number
  source?: BlockMap
}

export interface Shelf {
  create(spec: VolumeSpec): Promise<void>
  /** Fails with `VolumeMissing`. */
  read(name: string): Promise<ShelvedVolume>
  setSize(name: string, sizeBytes: number): Promise<void>
  remove(name: string): Promise<void>
  names(): Promise<string[]>
  /** Size and bytes on disk, without reading the source. */
  measure(name: string): Promise<{ sizeBytes: number; ownBytes: number }>
  folderOf(name: string): string
}

export async function openShelf(root: string): Promise<Shelf> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  await clearLeftovers(root)

  function folderOf(name: string): string {
    checkName(name)
    return join(root, name)
  }

  async function readLabel(name: string): Promise<Label> {
    const text = await readFile(join(folderOf(name), 'volume.json'), 'utf8').catch(absent)
    if (text === undefined) throw new VolumeMissing(name)
    const label = JSON.parse(text) as Label
    if (label.format !== FORMAT) throw new Error(`volume ${name} has format ${label.format}, which this release does not know`)
    return label
  }

  async function read(name: string): Promise<ShelvedVolume> {
    const { sizeBytes, pieceBytes, source } = await readLabel(name)
    const folder = folderOf(name)
    if (!source) return { folder, sizeBytes, pieceBytes }
    const hashes = await readFile(join(folder, 'source'))
    if (sha256(hashes) !== source.sha256) throw new Error(`the source map of volume ${name} is damaged`)
    return { folder, sizeBytes, pieceBytes, source: { ...source, hashes: unpackHashes(hashes) } }
  }

  return {
    async create(spec) {
      checkSpec(spec)
      const { name, sizeBytes, source, pieceBytes = DEFAULT_PIECE_BYTES } = spec
      const hashes = source && packHashes(source.hashes)
      const origin = source &&
        hashes && { sizeBytes: source.sizeBytes, blockSizeBytes: source.blockSizeBytes, sha256: sha256(hashes) }
      const label: Label = { format: FORMAT, sizeBytes, pieceBytes, source: origin }

      const checkSame = async () => {
        const found = await readLabel(name)
        const same =
          found.sizeBytes === sizeBytes &&
          JSON.stringify(found.source) === JSON.stringify(origin) &&
          (spec.pieceBytes === undefined || found.pieceBytes === pieceBytes)
        if (!same) throw new VolumeExists(name)
      }
      if (await stat(folderOf(name)).catch(absent)) return checkSame()

      const unready = join(root, `.new-${name}-${randomBytes(6).toString('hex')}`)
      await mkdir(unready, { mode: 0o700 })
      try {
        await writeDurably(join(unready, 'volume.json'), JSON.stringify(label))
        if (hashes) await writeDurably(join(unready, 'source'), hashes)
        await writeDurably(join(unready, 'overlay'), '', sizeBytes)
        await syncFolder(unready)
        await rename(unready, folderOf(name))
      } catch (error) {
        await rm(unready, { recursive: true, force: true })
        if (isTaken(error)) return checkSame() // somebody else was faster
        throw error
      }
      await syncFolder(root)
    },

    read,

    async setSize(name, sizeBytes) {
      checkSize(sizeBytes, (await readLabel(name)).pieceBytes)
      const folder = folderOf(name)
      const label = { ...(await readLabel(name)), sizeBytes }
      await writeDurably(join(folder, 'volume.json.new'), JSON.stringify(label))
      await rename(join(folder, 'volume.json.new'), join(folder, 'volume.json'))
      await syncFolder(folder)
    },

    async remove(name) {
      const leaving = join(root, `.removed-${name}-${randomBytes(6).toString('hex')}`)
      try {
        await rename(folderOf(name), leaving)
      } catch (error) {
        return absent(error)
      }
      await syncFolder(root)
      await rm(leaving, { recursive: true, force: true })
    },

    async names() {
      return (await readdir(root)).filter((name) => NAME.test(name)).sort()
    },

    async measure(name) {
      const folder = folderOf(name)
      const files = ['overlay', 'map', 'changes', 'source', 'volume.json']
      const found = await Promise.all(files.map((file) => stat(join(folder, file)).catch(absent)))
      const ownBytes = found.reduce((sum, file) => sum + (file ? file.blocks * 512 : 0), 0)
      return { sizeBytes: (await readLabel(name)).sizeBytes, ownBytes }
    },

    folderOf,
  }
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new TypeError(`not a name for a volume: ${JSON.stringify(name)}`)
}

function checkSize(sizeBytes: number, pieceBytes: number): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes <= 0 || sizeBytes % SECTOR_BYTES !== 0) {
    throw new RangeError(`the size of a volume is a positive multiple of ${SECTOR_BYTES}, not ${sizeBytes}`)
  }
  if (sizeBytes > MAX_PIECES * pieceBytes) throw new RangeError(`a volume of ${sizeBytes} bytes is too large`)
}

export function checkSpec({ name, sizeBytes, source, pieceBytes = DEFAULT_PIECE_BYTES }: VolumeSpec): void {
  checkName(name)
  if (pieceBytes !== 4096 && pieceBytes !== 65536) throw new RangeError('a piece has 4096 or 65536 bytes')
  checkSize(sizeBytes, pieceBytes)
  if (!source) return
  const { sizeBytes: sourceBytes, blockSizeBytes, hashes } = source
  if (sourceBytes > sizeBytes) throw new RangeError(`a volume of ${sizeBytes} bytes is smaller than its source of ${sourceBytes}`)
  if (!Number.isSafeInteger(blockSizeBytes) || blockSizeBytes < pieceBytes || blockSizeBytes % pieceBytes !== 0) {
    throw new RangeError(`blocks of ${blockSizeBytes} bytes are no whole number of pieces`)
  }
  if (hashes.length !== Math.ceil(sourceBytes / blockSizeBytes)) throw new RangeError('the source has too few or too many hashes')
  if (!hashes.every(isHash)) throw new TypeError('the source has something among its hashes that is none')
}

function packHashes(hashes: readonly string[]): Buffer {
  return Buffer.from(hashes.join(''), 'hex')
}

function unpackHashes(bytes: Buffer): string[] {
  return Array.from({ length: bytes.length / 32 }, (_, chunk) => bytes.toString('hex', chunk * 32, chunk * 32 + 32))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function writeDurably(path: string, content: string | Buffer, sizeBytes?: number): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(content)
    if (sizeBytes !== undefined) await file.truncate(sizeBytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function clearLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const path = join(root, name)
    const found = name.startsWith('.new-') && (await stat(path).catch(absent))
    const old = found && Date.now() - found.mtimeMs > LEFTOVER_MS
    if (old || name.startsWith('.removed-')) await rm(path, { recursive: true, force: true })
  }
}

function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOTEMPTY' || code === 'EEXIST'
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}
