// The engine: volumes at rest on a shelf, and a thread for each one that is served.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Blocks, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { VolumeBusy, VolumeMissing } from './errors.ts'
import type { VolumeFacts, Volumes } from './index.ts'
import { MAX_SOCKET_PATH_BYTES, type SocketOwner } from './nbd/server.ts'
import { type Lock, lockVolume } from './volume/lock.ts'
import { openShelf, type ShelvedVolume } from './volume/shelf.ts'
import type { OpenVolume } from './volume/volume.ts'
import { startWorker, type WorkerHandle } from './worker-handle.ts'

export interface VolumesOptions {
  /** Where volumes are kept. */
  folder: string
  /** Where sockets appear, as <name>.nbd. Whoever connects must be able to enter it. */
  runFolder: string
  blocks: Blocks
  /** Who besides this process may connect: a user, or a group; nobody unless given. */
  socketOwner?: SocketOwner
}

interface Served {
  lock: Lock
  socketPath: string
  /** Missing while a thread that died is being replaced. */
  worker?: WorkerHandle
  restart?: NodeJS.Timeout
}

const FIRST_RESTART_MS = 500
const LAST_RESTART_MS = 30_000
/** A thread that lived this long is replaced at once when it dies. */
const STEADY_MS = 60_000

export async function openVolumes({ folder, runFolder, blocks, socketOwner }: VolumesOptions): Promise<Volumes> {
  if (!blocks.can.localFiles) throw new Error('volumes need blocks that are files of this host')
  const shelf = await openShelf(folder)
  await mkdir(runFolder, { recursive: true, mode: 0o711 })
  const served = new Map<string, Served>()
  const faults = new Map<string, string>()
  const inTurn = turns()

  function socketPathOf(name: string): string {
    const path = join(runFolder, `${name}.nbd`)
    // While it is made the socket lies in a folder of its own beside that, with a path three bytes longer.
    if (Buffer.byteLength(path) + 3 > MAX_SOCKET_PATH_BYTES) throw new RangeError(`the path of the socket is too long: ${path}`)
    return path
  }

  function noteFault(name: string, fault: string | undefined): void {
    if (fault === undefined) faults.delete(name)
    else faults.set(name, fault)
  }

  async function start(name: string, served: Served): Promise<void> {
    const open = toOpen(await shelf.read(name), blocks)
    const startedAt = Date.now()
    served.worker = await startWorker(
      { name, socketPath: served.socketPath, owner: socketOwner, open },
      {
        onFault: (fault) => noteFault(name, fault),
        onLost(error) {
          noteFault(name, `serving it failed and is tried again: ${messageOf(error)}`)
          served.worker = undefined
          restartIn(Date.now() - startedAt > STEADY_MS ? 0 : FIRST_RESTART_MS, name, served)
        },
      },
    )
    faults.delete(name)
  }

  /** A machine that runs from the volume waits for it: try for as long as nobody releases it. */
  function restartIn(delayMs: number, name: string, lost: Served): void {
    lost.restart = setTimeout(() => {
      void inTurn(name, async () => {
        if (served.get(name) !== lost) return
        await start(name, lost).catch((error) => {
          noteFault(name, messageOf(error))
          restartIn(Math.min(LAST_RESTART_MS, 2 * delayMs + FIRST_RESTART_MS), name, lost)
        })
      })
    }, delayMs)
    lost.restart.unref()
  }

  async function serve(name: string): Promise<string> {
    const already = served.get(name)
    if (already) return already.socketPath
    const socketPath = socketPathOf(name)
    await shelf.measure(name)
    const starting: Served = { lock: lockVolume(shelf.folderOf(name), name), socketPath }
    try {
      await start(name, starting)
    } catch (error) {
      starting.lock.release()
      noteFault(name, messageOf(error))
      throw error
    }
    served.set(name, starting)
    return socketPath
  }

  async function release(name: string): Promise<void> {
    const leaving = served.get(name)
    if (!leaving) return
    served.delete(name)
    clearTimeout(leaving.restart)
    try {
      if (!leaving.worker) await start(name, leaving) // what its thread left behind is to be made durable too
      await leaving.worker?.release()
    } finally {
      leaving.lock.release()
    }
  }

  /** With the lock held, by this engine's own thread or for as long as `work` takes. */
  async function locked(name: string, work: (serving: Served | undefined) => Promise<void>): Promise<void> {
    const serving = served.get(name)
    if (serving) return work(serving)
    await shelf.measure(name)
    const lock = lockVolume(shelf.folderOf(name), name)
    try {
      await work(undefined)
    } finally {
      lock.release()
    }
  }

  async function grow(name: string, sizeBytes: number): Promise<void> {
    await locked(name, async (serving) => {
      const now = (await shelf.measure(name)).sizeBytes
      if (sizeBytes < now) throw new RangeError(`volume ${name} has ${now} bytes and cannot shrink to ${sizeBytes}`)
      if (sizeBytes > now) await shelf.setSize(name, sizeBytes) // first, so that no byte beyond the recorded size is ever acknowledged
      await serving?.worker?.grow(sizeBytes)
    })
  }

  async function remove(name: string): Promise<void> {
    try {
      await locked(name, async (serving) => {
        if (serving) throw new VolumeBusy(name)
        await shelf.remove(name)
      })
      faults.delete(name)
    } catch (error) {
      if (!(error instanceof VolumeMissing)) throw error
    }
  }

  async function factsOf(name: string): Promise<VolumeFacts | undefined> {
    const facts = { name, socketPath: served.get(name)?.socketPath, fault: faults.get(name) }
    try {
      return { ...facts, ...(await shelf.measure(name)) }
    } catch (error) {
      if (error instanceof VolumeMissing) return undefined
      return { ...facts, sizeBytes: 0, ownBytes: 0, fault: messageOf(error) }
    }
  }

  return {
    create: (spec) => inTurn(spec.name, () => shelf.create(spec)),
    serve: (name) => inTurn(name, () => serve(name)),
    release: (name) => inTurn(name, () => release(name)),
    grow: (name, sizeBytes) => inTurn(name, () => grow(name, sizeBytes)),
    remove: (name) => inTurn(name, () => remove(name)),
    async list() {
      const facts = await Promise.all((await shelf.names()).map(factsOf))
      return facts.filter((volume) => volume !== undefined)
    },
    async close() {
      const outcomes = await Promise.allSettled([...served.keys()].map((name) => inTurn(name, () => release(name))))
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
      if (failed.length > 0)
        throw new AggregateError(
          failed.map((outcome) => outcome.reason),
          'volumes could not be flushed',
        )
    },
  }
}

function toOpen({ folder, sizeBytes, pieceBytes, source }: ShelvedVolume, blocks: Blocks): OpenVolume {
  const blockPaths = source?.hashes.map((hash) => (hash === ZERO_BLOCK ? '' : blocks.pathOf(hash)))
  return {
    folder,
    sizeBytes,
    pieceBytes,
    source: source && blockPaths && { ...source, blockPaths, blockKey: blocks.cipher?.key },
  }
}

/** Runs what is asked about one volume in the order in which it is asked. */
function turns() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work)
    last.set(name, turn)
    const forget = () => {
      if (last.get(name) === turn) last.delete(name)
    }
    turn.then(forget, forget)
    return turn
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
