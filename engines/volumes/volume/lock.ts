// The lock of a volume: held by whoever serves or changes it, gone with the process that held it. Node cannot lock
// files, but the SQLite in it can: an open exclusive transaction on an empty database is a kernel lock on its file,
// also between threads of one process.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VolumeBusy } from '../errors.ts'

const SQLITE_BUSY = 5

export interface Lock {
  release(): void
}

/** Takes the lock or fails at once with `VolumeBusy`. */
export function lockVolume(folder: string, name: string): Lock {
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw new VolumeBusy(name)
    throw error
  }
  return { release: () => database.close() }
}
