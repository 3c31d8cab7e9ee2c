// The few calls that a volume makes to its files. They are synchronous, because a served volume has a thread of its
// own, and gathered in one interface, so that a test can lose power between any two of them.
import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writevSync } from 'node:fs'

export interface VolumeFile {
  /** Fills `into` from `start` to `end` with what the file holds from `position` on; zeros beyond its end. */
  read(into: Buffer, start: number, end: number, position: number): void
  /** Writes all of `buffers`, one after the other. */
  write(buffers: readonly Buffer[], position: number): void
  /** Answers when everything written is durable. Fails with `SyncFailed`: nobody can tell then what is. */
  sync(): void
  sizeBytes(): number
  resize(bytes: number): void
  close(): void
}

/** The kernel forgets unwritten pages when writing them back fails, so a later success says nothing about them. */
export class SyncFailed extends Error {
  constructor(path: string, cause: unknown) {
    super(`what was written to ${path} could not be made durable`, { cause })
    this.name = 'SyncFailed'
  }
}

export function openVolumeFile(path: string): VolumeFile {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  return {
    read: (into, start, end, position) => readPadded(fd, into, start, end, position),
    write(buffers, position) {
      let rest = buffers
      let at = position
      for (;;) {
        const wanted = rest.reduce((sum, buffer) => sum + buffer.length, 0)
        if (wanted === 0) return
        const written = writevSync(fd, rest, at)
        if (written === wanted) return
        at += written
        rest = [Buffer.concat(rest).subarray(written)] // a short write: what is left is usually refused with the reason
      }
    },
    sync() {
      try {
        fdatasyncSync(fd)
      } catch (cause) {
        throw new SyncFailed(path, cause)
      }
    },
    sizeBytes: () => fstatSync(fd).size,
    resize: (bytes) => ftruncateSync(fd, bytes),
    close: () => closeSync(fd),
  }
}

/** Answers where in memory the zeros begin that stand for what the file does not have. */
export function readPadded(fd: number, into: Buffer, start: number, end: number, position: number): number {
  let at = start
  while (at < end) {
    const got = readSync(fd, into, at, end - at, position + at - start)
    if (got === 0) break
    at += got
  }
  if (at < end) into.fill(0, at, end)
  return at
}
