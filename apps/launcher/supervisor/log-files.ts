// Logs are files that programs append to by themselves, so that they outlive the supervisor. It only keeps them
// from growing: a file beyond its size is copied aside and emptied in place, which appending writers do not notice.
import { copyFileSync, openSync, renameSync, statSync, truncateSync } from 'node:fs'

export const LOG_SIZE_BYTES = 8 * 1024 * 1024
const KEPT = 3

export function openLogFile(path: string): number {
  return openSync(path, 'a', 0o600)
}

export function rotateWhenLarge(path: string, sizeBytes = LOG_SIZE_BYTES): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size < sizeBytes) return
  for (let age = KEPT - 1; age >= 1; age -= 1) renameIfPresent(`${path}.${age}`, `${path}.${age + 1}`)
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
}

function renameIfPresent(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to)
}
