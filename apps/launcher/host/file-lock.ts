// A lock on a file that the kernel lets go of however its holder ends. Node has no call for it, but a lock belongs
// to the open file, which a child shares: flock(1) takes it on our descriptor and goes, and it stays ours.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export interface FileLock {
  release(): void
}

/** undefined when somebody else holds it. Children do not inherit the lock. */
export function tryLock(path: string): FileLock | undefined {
  return lock(path, ['--nonblock'])
}

/** Waits until the lock is ours; `onWait` tells that somebody else has it now. */
export function waitForLock(path: string, onWait: () => void): FileLock {
  const free = tryLock(path)
  if (free) return free
  onWait()
  const held = lock(path, [])
  if (!held) throw new Error(`cannot lock ${path}`)
  return held
}

function lock(path: string, options: string[]): FileLock | undefined {
  const descriptor = openSync(path, 'a', 0o600)
  const { status, error } = spawnSync('flock', [...options, '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] })
  if (status === 0) return { release: () => closeSync(descriptor) }
  closeSync(descriptor)
  if (error) throw new Error('the program flock (package util-linux) cannot be run', { cause: error })
  return undefined
}
