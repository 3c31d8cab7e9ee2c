// One file per block at <folder>/ab/cd/<hash>. A block is written under a temporary name in <folder>/incoming, synced,
// renamed, and acknowledged when the folders that name it are synced too. Several processes may share one folder:
// nothing is locked, because renaming onto an existing block replaces it by the same bytes. Large blocks are hashed and
// written by threads of their own, small ones here.

import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BlockThreads, openBlockThreads } from './block-threads.ts'
import type { Cipher } from './cipher.ts'
import { copiesUnder } from './copies.ts'
import { BlockDamaged, BlockMismatch, BlocksReadOnly, NoSpace } from './errors.ts'
import { groupFolderSyncs, syncFolder } from './folder-sync.ts'
import { HANDED_OVER_BYTES, hashStripped, isHash, nameBlock, ZERO_BLOCK } from './hash.ts'
import type { Blocks, PutOptions, StoredBlock } from './index.ts'
import { checkKey } from './key-check.ts'
import { type BlockFiles, openFile, readerOf } from './open-block.ts'
import { rememberVerified } from './verified.ts'
import { pathIn, REFRESH_MS, UNSURE_MS } from './write-block.ts'

export interface FilesOptions {
  folder: string
  /** `read` changes nothing, not even leftovers, and needs no right to write. */
  access?: 'read' | 'write'
  /** Encrypts what files hold. The folder remembers with which key it was filled: another one, or none, is `BlocksKeyWrong`. */
  cipher?: Cipher | undefined
  /** Unfinished files older than this are leftovers of a crash; younger ones may belong to another process. */
  leftoverSeconds?: number
  /** How long a block that was verified is believed to be what it was. */
  verifiedSeconds?: number
}

const AT_ONCE = 16
const DAY_SECONDS = 24 * 3600
const PAIR = /^[0-9a-f]{2}$/

export async function openFiles(options: FilesOptions): Promise<Blocks> {
  const { folder, access = 'write', cipher, leftoverSeconds = 3600, verifiedSeconds = DAY_SECONDS } = options
  const incoming = join(folder, 'incoming')
  const writable = access === 'write'
  if (writable) {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (made) await syncFolder(dirname(made))
    await mkdir(incoming, { recursive: true })
    await removeLeftovers(incoming, leftoverSeconds)
  }
  const owner = writable ? await ownerToKeep(folder) : undefined
  if (owner) await giveTo(incoming, owner)
  await checkKey(folder, cipher, { writable, owner })
  const own = owner ? (made: string) => giveTo(made, owner) : async () => {}
  /** On their way out, still readable. */
  const aside = copiesUnder(join(folder, 'aside'), own)
  /** Damaged, and read by nobody. */
  const quarantine = copiesUnder(join(folder, 'quarantine'), own)

  const sync = groupFolderSyncs()
  const durableFolders = new Set<string>()
  const storing = new Map<string, Promise<void>>()
  const underWay = new Set<Promise<unknown>>()
  const verified = rememberVerified(verifiedSeconds)
  let threads: BlockThreads | undefined
  const blockThreads = () => {
    threads ??= openBlockThreads({ folder, owner, key: cipher?.key })
    return threads
  }

  function pathOf(hash: string): string {
    if (!isHash(hash)) throw new TypeError(`not a block hash: ${JSON.stringify(hash)}`)
    if (hash === ZERO_BLOCK) throw new TypeError('the zero block has no path')
    return pathIn(folder, hash)
  }

  const foldersOf = (hash: string) => {
    const outer = join(folder, hash.slice(0, 2))
    return { outer, home: join(outer, hash.slice(2, 4)) }
  }

  /** Makes the folder of a block, if it is not there. */
  async function makeHome(hash: string): Promise<void> {
    const { outer, home } = foldersOf(hash)
    if (durableFolders.has(home)) return
    await mkdir(home, { recursive: true })
    if (!owner) return
    await giveTo(outer, owner)
    await giveTo(home, owner)
  }

  /**
   * Makes the name of a block durable, with the names of its folders: those met first by this process are synced once,
   * whoever made them. All at the same time, so that a journal has one commit of it.
   */
  async function settleName(hash: string): Promise<void> {
    const { outer, home } = foldersOf(hash)
    const isNew = !durableFolders.has(home)
    await Promise.all([
      sync(home),
      isNew ? sync(outer) : undefined,
      isNew && !durableFolders.has(outer) ? sync(folder) : undefined,
    ])
    durableFolders.add(outer).add(home)
  }

  async function store(hash: string, content: Buffer): Promise<void> {
    const path = pathOf(hash)
    await makeHome(hash)
    const found = await stat(path).catch(absent)
    if (found?.size === content.length && (await keep(hash, found.mtimeMs))) return
    const unfinished = join(incoming, `${process.pid}-${randomBytes(8).toString('hex')}`)
    try {
      const handle = await open(unfinished, 'wx', 0o644)
      try {
        await handle.writeFile(cipher ? cipher.apply(hash, content) : content)
        if (owner) await handle.chown(owner.uid, owner.gid)
        await handle.datasync()
        verified.add(hash, await handle.stat())
      } finally {
        await handle.close()
      }
      await rename(unfinished, path)
    } catch (error) {
      await unlink(unfinished).catch(absent)
      throw error
    }
    await settleName(hash)
  }

  /** Makes a block that is there durable and young. False when it was taken away meanwhile, or cannot be made young. */
  async function keep(hash: string, storedMillis: number): Promise<boolean> {
    const ageMs = Date.now() - storedMillis
    if (ageMs < UNSURE_MS) await settleName(hash)
    return ageMs <= REFRESH_MS || refreshed(pathOf(hash))
  }

  /** Where a block is, also while it is on its way out; it may be brought back between two looks. */
  async function find<T>(hash: string, look: (path: string) => Promise<T | undefined>): Promise<T | undefined> {
    const inPlace = await look(pathOf(hash))
    if (inPlace !== undefined) return inPlace
    for (const path of await aside.pathsOf(hash)) {
      const found = await look(path)
      if (found !== undefined) return found
    }
    return look(pathOf(hash))
  }

  async function putSmall(data: Uint8Array, expected: string | undefined, { onWritten }: PutOptions): Promise<string> {
    const { hash, content } = await nameBlock(data, expected)
    if (hash === ZERO_BLOCK) {
      onWritten?.()
      return hash
    }
    let pending = storing.get(hash)
    if (!pending) {
      pending = store(hash, content).finally(() => storing.delete(hash))
      storing.set(hash, pending)
    }
    await pending
    onWritten?.()
    return hash
  }

  async function putLarge(data: Uint8Array, expected: string | undefined, { onWritten }: PutOptions): Promise<string> {
    const { hash, ...outcome } = await blockThreads().write(data, expected)
    if (outcome.state === 'not what was announced') throw new BlockMismatch(expected!, hash)
    onWritten?.()
    if (outcome.state === 'named') await settleName(hash)
    if (outcome.written) verified.add(hash, outcome.written)
    return hash
  }

  async function put(data: Uint8Array, expected: string | undefined, options: PutOptions): Promise<string> {
    try {
      return await (data.length < HANDED_OVER_BYTES ? putSmall(data, expected, options) : putLarge(data, expected, options))
    } catch (error) {
      throw isFull(error as NodeJS.ErrnoException) ? new NoSpace(folder, { cause: error }) : error
    }
  }

  const files: Omit<BlockFiles, 'verified'> = {
    open: (hash) => find(hash, (path) => openFile(path).catch(absent)),
    hashFile: (file, bytes, name) => blockThreads().hashFile(file, bytes, name),
    readFile: (file, into, offset, name) => blockThreads().readFile(file, into, offset, name),
    cipher,
  }
  const openBlock = readerOf({ ...files, verified })
  const openAnew = readerOf({ ...files, verified: { has: () => false, add: verified.add } })

  async function readStored(path: string, hash: string): Promise<Buffer | undefined> {
    const stored = await readFile(path).catch(absent)
    if (stored) cipher?.applyInto(hash, stored, 0, stored)
    return stored
  }

  async function read(hash: string): Promise<Buffer | undefined> {
    if (hash === ZERO_BLOCK) return Buffer.alloc(0)
    const content = await find(hash, (path) => readStored(path, hash))
    if (content && (await hashStripped(content)) !== hash) throw new BlockDamaged(hash)
    return content
  }

  async function verify(hash: string): Promise<'good' | 'damaged' | 'missing'> {
    try {
      const block = await openAnew(hash)
      await block?.close()
      return block ? 'good' : 'missing'
    } catch (error) {
      if (error instanceof BlockDamaged || isUnreadable(error as NodeJS.ErrnoException)) return 'damaged'
      throw error
    }
  }

  async function* list({ after = '' }: { after?: string } = {}): AsyncIterable<StoredBlock> {
    for (const first of (await pairsIn(folder)).filter((pair) => pair >= after.slice(0, 2))) {
      for (const second of (await pairsIn(join(folder, first))).filter((pair) => first + pair >= after.slice(0, 4))) {
        const names = (await readdir(join(folder, first, second))).filter((name) => isHash(name) && name > after).sort()
        for (const hash of names) {
          const found = await stat(pathOf(hash)).catch(absent)
          if (found) yield { hash, bytes: found.size, storedAt: found.mtime }
        }
      }
    }
  }

  return {
    can: { localFiles: true },
    cipher,
    async put(data, expected, options = {}) {
      if (!writable) throw new BlocksReadOnly()
      const putting = put(data, expected, options)
      underWay.add(putting)
      return putting.finally(() => underWay.delete(putting))
    },
    get: read,
    open: openBlock,
    async present(hashes) {
      const found = new Set<string>()
      const wanted = [...new Set(hashes)]
      async function look() {
        for (let hash = wanted.pop(); hash !== undefined; hash = wanted.pop()) {
          if (hash === ZERO_BLOCK || (await stat(pathOf(hash)).catch(absent))) found.add(hash)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, look))
      return found
    },
    list,
    async remove(hash) {
      if (!writable) throw new BlocksReadOnly()
      if (hash !== ZERO_BLOCK) await unlink(pathOf(hash)).catch(absent)
    },
    async setAside(hash) {
      if (!writable) throw new BlocksReadOnly()
      if (hash !== ZERO_BLOCK) await aside.take(pathOf(hash), hash)
    },
    aside: aside.list,
    async bringBack(block) {
      if (!writable) throw new BlocksReadOnly()
      await aside.giveBack(block, pathOf(block.hash), () => settleName(block.hash))
    },
    async discard(block) {
      if (!writable) throw new BlocksReadOnly()
      await aside.discard(block)
    },
    verify,
    async quarantine(hash) {
      if (!writable) throw new BlocksReadOnly()
      if (hash === ZERO_BLOCK || (await verify(hash)) !== 'damaged') return false
      const taken = await quarantine.take(pathOf(hash), hash)
      if (!taken) return false
      // Stored anew between the two looks: then it is the good one that was taken.
      const content = await readStored(quarantine.pathOf(taken), hash).catch(() => undefined)
      if (!content || (await hashStripped(content)) !== hash) return true
      await quarantine.giveBack(taken, pathOf(hash), () => settleName(hash))
      return false
    },
    quarantined: quarantine.list,
    async clearLeftovers(olderThanSeconds) {
      if (!writable) throw new BlocksReadOnly()
      return removeLeftovers(incoming, olderThanSeconds)
    },
    async probe() {
      const path = join(incoming, `probe-${process.pid}-${randomBytes(8).toString('hex')}`)
      const written = randomBytes(32)
      try {
        const handle = await open(path, 'wx+', 0o600)
        try {
          await handle.write(written)
          await handle.datasync()
        } finally {
          await handle.close()
        }
        if (!(await readFile(path)).equals(written)) throw new Error(`${folder} does not give back what was written`)
      } finally {
        await unlink(path).catch(absent)
      }
    },
    pathOf,
    async usage() {
      const usage = { blocks: 0, bytes: 0 }
      for await (const block of list()) {
        usage.blocks += 1
        usage.bytes += block.bytes
      }
      return usage
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(folder)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    },
    async close() {
      await Promise.allSettled(underWay)
      await threads?.close()
    },
  }
}

async function removeLeftovers(incoming: string, leftoverSeconds: number): Promise<number> {
  let removed = 0
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const found = await stat(path).catch(absent)
    if (!found || Date.now() - found.mtimeMs < leftoverSeconds * 1000) continue
    await unlink(path).catch(absent)
    removed += 1
  }
  return removed
}

/** False when the file is gone, or belongs to somebody else: only the owner, or root, may set its time. */
async function refreshed(path: string): Promise<boolean> {
  try {
    await utimes(path, new Date(), new Date())
    return true
  } catch (error) {
    if (['ENOENT', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

async function pairsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(absent)) ?? []
  return names.filter((name) => PAIR.test(name)).sort()
}

interface Owner {
  uid: number
  gid: number
}

/** Root must leave files that the folder's owner can use: the control plane runs without rights beside a root node. */
async function ownerToKeep(folder: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = await stat(folder)
  return uid === 0 ? undefined : { uid, gid }
}

async function giveTo(folder: string, owner: Owner): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.chown(owner.uid, owner.gid)
  } finally {
    await handle.close()
  }
}

/** For `catch`: a name that is not there is an answer, everything else is not. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function isFull(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOSPC' || error.code === 'EDQUOT'
}

/** The disk itself cannot read it. */
function isUnreadable(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EIO' || error.code === 'EUCLEAN' || error.code === 'EBADMSG'
}
