// What the built-in hypervisor remembers: one folder per instance under its home.
//
//   instance.json   what the instance is and what was asked of it; that it exists makes the instance exist
//   creation.json   what only the creation needs: sources of disks and the customisation with its secrets. Written
//                   before instance.json and removed the moment it is used up, so its absence says that it is.
//   serial.log      the last output of the serial console; serial.log.before: of the machine before this one
//
// A change is on disk, file and name, before anybody is told of it. Only our own user may read any of it.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceSpec, NicSpec, Power } from '../interface.ts'
import { REMEMBERED_INTENTS } from '../memory.ts'
import { type Creation, decodeCreation, encodeCreation, type JsonCreation } from '../spec-json.ts'
import type { ProcessId } from './machine/process.ts'

export type Action = 'create' | 'start' | 'stop' | 'reboot' | 'remove'

/** An intent of a caller and what became of it. */
export interface Wish {
  intent: string
  action: Action
  /** For stop and reboot: how long the guest may take to power off. */
  graceSeconds?: number
  state: 'running' | 'done' | 'failed'
  reason?: string
  /** When the power is cut, in milliseconds of the clock; set when the guest has been asked. */
  cutAt?: number
  /** For reboot: the process that must go, or null when none ran; set when the reboot began. */
  replaces?: ProcessId | null
}

export interface InstanceRecord {
  version: 1
  name: string
  cpus: number
  ramBytes: number
  disks: { name: string; sizeBytes: number }[]
  nics: NicSpec[]
  /** The disks exist, filled from their sources. */
  disksMade: boolean
  /** The creation came true. */
  made: boolean
  /** Whether the machine should run when nothing is asked: what decides after a restart of the host. */
  wanted: Power
  /** In the order in which they came; the oldest that are over are forgotten. */
  wishes: Wish[]
  /** The boot of the host in which the machine was last seen running. */
  ranInBoot?: string
  stoppedBecause?: string
}

export interface Shelf {
  /** Everything remembered; half-written leftovers are removed. */
  readAll(): Promise<{ record: InstanceRecord; creation?: Creation }[]>
  create(record: InstanceRecord, creation: Creation): Promise<void>
  save(record: InstanceRecord): Promise<void>
  removeCreation(name: string): Promise<void>
  remove(name: string): Promise<void>
  serialLogOf(name: string): string
}

export async function openShelf(home: string): Promise<Shelf> {
  const root = join(home, 'instances')
  await mkdir(root, { recursive: true, mode: 0o700 })
  const folderOf = (name: string) => join(root, name)
  const recordOf = (name: string) => join(folderOf(name), 'instance.json')
  const creationOf = (name: string) => join(folderOf(name), 'creation.json')

  return {
    async readAll() {
      const names = await readdir(root)
      const found = await Promise.all(
        names.map(async (name) => {
          const record = await readJson<InstanceRecord>(recordOf(name))
          if (record !== undefined) {
            const creation = await readJson<JsonCreation>(creationOf(name))
            return { record, creation: creation && decodeCreation(creation) }
          }
          await rm(folderOf(name), { recursive: true }) // a creation that was never acknowledged, or the rest of a removal
          return undefined
        }),
      )
      return found.filter((instance) => instance !== undefined)
    },
    async create(record, creation) {
      await mkdir(folderOf(record.name), { recursive: true, mode: 0o700 })
      await syncFolder(root)
      await writeDurably(creationOf(record.name), encodeCreation(creation))
      await writeDurably(recordOf(record.name), record)
    },
    save: (record) => writeDurably(recordOf(record.name), record),
    async removeCreation(name) {
      await rm(creationOf(name), { force: true })
      await syncFolder(folderOf(name))
    },
    async remove(name) {
      await rm(recordOf(name), { force: true }) // first: with it the instance is gone
      await rm(folderOf(name), { recursive: true, force: true })
      await syncFolder(root)
    },
    serialLogOf: (name) => join(folderOf(name), 'serial.log'),
  }
}

export function newRecord({ name, cpus, ramBytes, disks, nics }: InstanceSpec): InstanceRecord {
  const sizes = disks.map(({ name, sizeBytes }) => ({ name, sizeBytes }))
  return {
    version: 1,
    name,
    cpus,
    ramBytes,
    disks: sizes,
    nics: [...nics],
    disksMade: false,
    made: false,
    wanted: 'on',
    wishes: [],
  }
}

/** The wish that is worked on, undefined when nothing is asked. */
export function currentWish(record: InstanceRecord): Wish | undefined {
  return record.wishes.find(({ state }) => state === 'running')
}

/** Adds a wish. A removal overtakes what waits; the oldest wishes that are over are forgotten. */
export function addWish(record: InstanceRecord, wish: Omit<Wish, 'state'>): void {
  if (wish.action === 'remove') {
    for (const waiting of record.wishes) {
      if (waiting.state === 'running') Object.assign(waiting, { state: 'failed', reason: 'The server is being removed' })
    }
  }
  record.wishes.push({ ...wish, state: 'running' })
  const tooMany = record.wishes.length - REMEMBERED_INTENTS
  const over = record.wishes.filter(({ state }) => state !== 'running').slice(0, Math.max(0, tooMany))
  record.wishes = record.wishes.filter((kept) => !over.includes(kept))
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${path} cannot be read`, { cause: error })
  }
}

async function writeDurably(path: string, value: unknown): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(value))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  await syncFolder(join(path, '..'))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
