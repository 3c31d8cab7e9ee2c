import { statfs } from 'node:fs/promises'
import type { Log } from '@synnefo/lib/log'

const LOOK_EVERY_MS = 5_000
/** Below this, uploads and machines fail soon or already: people are told on every page. */
const LOW_BYTES = 256 * 1024 * 1024

/** Looks from time to time whether the disk below `folder` is full. */
export function watchStorage(folder: string, log: Log, onChange: () => void): { isFull(): boolean; stop(): void } {
  let full = false
  async function look() {
    const { bavail, bsize } = await statfs(folder)
    const now = bavail * bsize < LOW_BYTES
    if (now === full) return
    full = now
    log.warn({ folder, freeBytes: bavail * bsize }, full ? 'the disk is full' : 'the disk has room again')
    onChange()
  }
  const lookSafely = () => void look().catch((error) => log.warn({ error, folder }, 'cannot tell how full the disk is'))
  lookSafely()
  const timer = setInterval(lookSafely, LOOK_EVERY_MS)
  return { isFull: () => full, stop: () => clearInterval(timer) }
}
