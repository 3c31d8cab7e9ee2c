// Copies of blocks that were taken from their places, at <folder>/ab/<hash>.<when>-<which>. Every taking makes a name of
// its own, so that whoever decided about one copy can never touch another that came later.

import { randomBytes } from 'node:crypto'
import { link, mkdir, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { AsideBlock } from './index.ts'

const COPY = /^([0-9a-f]{64})\.(\d+)-[0-9a-f]{8}$/
const PAIR = /^[0-9a-f]{2}$/

/** The name of a copy that is taken now. */
export function nameCopy(hash: string, now = Date.now()): string {
  return `${hash}.${now}-${randomBytes(4).toString('hex')}`
}

/** When a copy was taken; undefined when it is none. */
export function readCopy(copy: string): { hash: string; setAsideAt: Date } | undefined {
  const [, hash, when] = COPY.exec(copy) ?? []
  return hash === undefined ? undefined : { hash, setAsideAt: new Date(Number(when)) }
}

/** `own` gives a folder that was made to whom it should belong. */
export function copiesUnder(folder: string, own: (made: string) => Promise<void>) {
  const homeOf = (hash: string) => join(folder, hash.slice(0, 2))
  const pathOf = ({ hash, copy }: Pick<AsideBlock, 'hash' | 'copy'>) => join(homeOf(hash), copy)

  async function* list(): AsyncIterable<AsideBlock> {
    for (const pair of (await namesIn(folder)).filter((name) => PAIR.test(name)).sort()) {
      for (const copy of (await namesIn(join(folder, pair))).sort()) {
        const read = readCopy(copy)
        const found = read && (await stat(join(folder, pair, copy)).catch(absent))
        if (found) yield { ...read, copy, bytes: found.size, storedAt: found.mtime }
      }
    }
  }

  return {
    list,
    pathOf,
    /** The copies of one block, if there are any. */
    async pathsOf(hash: string): Promise<string[]> {
      return (await namesIn(homeOf(hash))).filter((name) => name.startsWith(`${hash}.`)).map((copy) => pathOf({ hash, copy }))
    },
    /** Takes what lies there, if anything does. */
    async take(path: string, hash: string): Promise<Pick<AsideBlock, 'hash' | 'copy'> | undefined> {
      const taken = { hash, copy: nameCopy(hash) }
      for (;;) {
        try {
          await rename(path, pathOf(taken))
          return taken
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        }
        if (!(await stat(path).catch(absent))) return undefined
        await mkdir(homeOf(hash), { recursive: true, mode: 0o755 })
        await own(folder)
        await own(homeOf(hash))
      }
    },
    /** Back to its place, unless there is one already. `settled` makes the name there durable, and only then this one goes. */
    async giveBack(block: Pick<AsideBlock, 'hash' | 'copy'>, place: string, settled: () => Promise<void>): Promise<void> {
      try {
        await link(pathOf(block), place)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOENT') return
        if (code !== 'EEXIST') throw error
      }
      await settled()
      await unlink(pathOf(block)).catch(absent)
    },
    async discard(block: AsideBlock): Promise<void> {
      await unlink(pathOf(block)).catch(absent)
    },
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent)) ?? []
}

/** For `catch`: a name that is not there is an answer, everything else is not. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
