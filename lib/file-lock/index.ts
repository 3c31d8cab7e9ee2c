// A lock on a file that the kernel lets go of however its holder ends. Node has no call for it, but a lock belongs
// to the open file, which a child shares: flock(1) takes it on our descriptor and goes, and it stays ours.
import { type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'

export interface FileLock {
  /** The open file that is locked. A child that gets it among its `stdio` holds the lock too, until it ends. */
  descriptor: number
  release(): void
}

/** undefined when somebody else holds it. Children do not inherit the lock by themselves. */
export function tryLock(path: string): FileLock | undefined {
  const file = openLock(path)
  const { status, error } = spawnSync('flock', ['--nonblock', '3'], { stdio: onThird(file) })
  if (status === 0) return file
  file.release()
  if (error) throw new Error('the program flock (package util-linux) cannot be run', { cause: error })
  return undefined
}

/** Waits until the lock is ours; `onWait` tells that somebody else has it now. */
export async function waitForLock(path: string, onWait: () => void = () => {}): Promise<FileLock> {
  const free = tryLock(path)
  if (free) return free
  onWait()
  const file = openLock(path)
  const waiting = spawn('flock', ['3'], { stdio: onThird(file) })
  const [code] = await once(waiting, 'exit')
  if (code === 0) return file
  file.release()
  throw new Error(`cannot lock ${path}`)
}

function openLock(path: string): FileLock {
  const descriptor = openSync(path, 'a', 0o600)
  return { descriptor, release: () => closeSync(descriptor) }
}

/** The file where flock(1) is told that it is. */
const onThird = ({ descriptor }: FileLock): StdioOptions => ['ignore', 'ignore', 'ignore', descriptor]
