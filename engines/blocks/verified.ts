// Which blocks are known to be what their names say. Hashing a block takes longer than sending it, so it is hashed when
// it is first read, and again when its file was touched or a time has passed: disks forget.
import type { Stats } from 'node:fs'

export interface Verified {
  has(hash: string, file: FileFacts): boolean
  add(hash: string, file: FileFacts): void
}

export type FileFacts = Pick<Stats, 'ino' | 'size' | 'mtimeMs'>

/** Of 4 MiB each, 256 GiB; they take 15 MB. */
const REMEMBERED = 64 * 1024

export function rememberVerified(seconds: number, now: () => number = Date.now): Verified {
  const known = new Map<string, FileFacts & { until: number }>()
  return {
    has(hash, { ino, size, mtimeMs }) {
      const found = known.get(hash)
      return found?.ino === ino && found.size === size && found.mtimeMs === mtimeMs && found.until > now()
    },
    add(hash, { ino, size, mtimeMs }) {
      known.delete(hash)
      known.set(hash, { ino, size, mtimeMs, until: now() + seconds * 1000 })
      if (known.size > REMEMBERED) known.delete(known.keys().next().value!)
    },
  }
}
