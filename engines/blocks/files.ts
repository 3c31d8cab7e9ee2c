// One file per block at <folder>/ab/cd/<hash>. A block is written under a temporary name in <folder>/incoming, synced,
// renamed, and acknowledged when the folders that name it are synced too. Several processes may share one folder:
// nothing is locked, because renaming onto an existing block replaces it by the same bytes.

import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BlockDamaged, BlocksReadOnly, NoSpace } from './errors.ts'
import { groupFolderSyncs, syncFolder } from './folder-sync.ts'
import { hashStripped, isHash, nameBlock, ZERO_BLOCK } from './hash.ts'
import type { Blocks, StoredBlock } from './index.ts'

export interface FilesOptions {
  folder: string
  /** `read` changes nothing, not even leftovers, and needs no right to write. */
  access?: 'read' | 'write'
  /** Unfinished files older than this are leftovers of a crash; younger ones may belong to another process. */
  leftoverSeconds?: number
}

/** How long a name may have been written without a sync by whoever wrote it; such a block is synced again before it is acknowledged. */
const UNSURE_MS = 10 * 60_000
/** A block put again after this time counts as new for the collector. */
const REFRESH_MS = 60 * 60_000
const AT_ONCE = 16
const PAIR = /^[0-9a-f]{2}$/

export async function openFiles(options: FilesOptions): Promise<Blocks> {
  const { folder, access = 'write', leftoverSeconds = 3600 } = options
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

  const sync = groupFolderSyncs()
  const durableFolders = new Set<string>()
  const storing = new Map<string, Promise<void>>()

  function pathOf(hash: string): string {
    if (!isHash(hash)) throw new TypeError(`not a block hash: ${JSON.stringify(hash)}`)
    if (hash === ZERO_BLOCK) throw new TypeError('the zero block has no path')
    return join(folder, hash.slice(0, 2), hash.slice(2, 4), hash)
  }

  /** The folder of a block, there and durable. Folders met first by this process are synced once, whoever made them. */
  async function homeOf(hash: string): Promise<string> {
    const outer = join(folder, hash.slice(0, 2))
    const home = join(outer, hash.slice(2, 4))
    if (durableFolders.has(home)) return home
    await mkdir(home, { recursive: true })
    if (owner) {
      await giveTo(outer, owner)
      await giveTo(home, owner)
    }
    await Promise.all([durableFolders.has(outer) ? undefined : sync(folder), sync(outer)])
    durableFolders.add(outer).add(home)
    return home
  }

  async function store(hash: string, content: Buffer): Promise<void> {
    const path = pathOf(hash)
    const home = await homeOf(hash)
    const found = await stat(path).catch(absent)
    if (found?.size === content.length) {
      const ageMs = Date.now() - found.mtimeMs
      if (ageMs < UNSURE_MS) await sync(home)
      if (ageMs > REFRESH_MS) await utimes(path, new Date(), new Date()).catch(notOurs)
      return
    }
    const unfinished = join(incoming, `${process.pid}-${randomBytes(8).toString('hex')}`)
    try {
      const handle = await open(unfinished, 'wx', 0o644)
      try {
        await handle.writeFile(content)
        if (owner) await handle.chown(owner.uid, owner.gid)
        await handle.datasync()
      } finally {
        await handle.close()
      }
      await rename(unfinished, path)
    } catch (error) {
      await unlink(unfinished).catch(absent)
      throw error
    }
    await sync(home)
  }

  async function read(hash: string): Promise<Buffer | undefined> {
    if (hash === ZERO_BLOCK) return Buffer.alloc(0)
    const content = await readFile(pathOf(hash)).catch(absent)
    if (content && (await hashStripped(content)) !== hash) throw new BlockDamaged(hash)
    return content
  }

  async function* list(): AsyncIterable<StoredBlock> {
    for (const first of await pairsIn(folder)) {
      for (const second of await pairsIn(join(folder, first))) {
        const names = (await readdir(join(folder, first, second))).filter(isHash).sort()
        for (const hash of names) {
          const found = await stat(pathOf(hash)).catch(absent)
          if (found) yield { hash, bytes: found.size, storedAt: found.mtime }
        }
      }
    }
  }

  return {
    can: { localFiles: true },
    async put(data, expected) {
      if (!writable) throw new BlocksReadOnly()
      const { hash, content } = await nameBlock(data, expected)
      if (hash === ZERO_BLOCK) return hash
      let pending = storing.get(hash)
      if (!pending) {
        pending = store(hash, content).finally(() => storing.delete(hash))
        storing.set(hash, pending)
      }
      await pending.catch((error) => {
        throw isFull(error) ? new NoSpace(folder, { cause: error }) : error
      })
      return hash
    },
    get: read,
    async getPart(hash, offset, length) {
      if (hash === ZERO_BLOCK) return Buffer.alloc(0)
      const handle = await open(pathOf(hash), 'r').catch(absent)
      if (!handle) return undefined
      try {
        const part = Buffer.allocUnsafe(length)
        let filled = 0
        while (filled < length) {
          const { bytesRead } = await handle.read(part, filled, length - filled, offset + filled)
          if (bytesRead === 0) break
          filled += bytesRead
        }
        return part.subarray(0, filled)
      } finally {
        await handle.close()
      }
    },
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
      await Promise.allSettled(storing.values())
    },
  }
}

async function removeLeftovers(incoming: string, leftoverSeconds: number): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const found = await stat(path).catch(absent)
    if (found && Date.now() - found.mtimeMs > leftoverSeconds * 1000) await unlink(path).catch(absent)
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

/** For `catch`: only the owner of a file, or root, may set its time. */
function notOurs(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EPERM') throw error
}

function isFull(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOSPC' || error.code === 'EDQUOT'
}
