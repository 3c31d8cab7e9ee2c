// The journey of one file: hash it, tell the cloud the hashes, send the blocks it lacks, tell it again. What arrived stays known
// to the cloud, so that going on after any interruption is the same journey, and only what is missing travels.
import { ApiError } from '@synnefo/clients/http'
import type { Metadata, ObjectStore } from '@synnefo/clients/object-store'
import type { HashOptions } from './hash.ts'

export interface Journey {
  file: Blob
  container: string
  /** Of the object, with its folders. */
  name: string
  contentType: string
  /** What is written to the object with it. */
  metadata?: Metadata
  /** Refuse (412) rather than replace an object of that name. */
  createOnly: boolean
}

export type Progress =
  | { phase: 'hashing'; bytes: number }
  /** Bytes of the file that the cloud has by now. */
  | { phase: 'sending'; bytes: number }
  /** The line is down, or the cloud is: tried again after the pause. */
  | { phase: 'waiting'; seconds: number; reason: string }
  | { phase: 'finishing' }

/** What a journey needs of the world. */
export interface Tools {
  store: Pick<ObjectStore, 'blockParameters' | 'putBlockList'>
  hash(file: Blob, blockSize: number, options: HashOptions): Promise<string[]>
  /** Answers the hash of the block, as the cloud computed it. */
  sendBlock(
    container: string,
    block: Blob,
    options: { signal: AbortSignal; onProgress: (bytes: number) => void },
  ): Promise<string>
  pause(seconds: number, signal: AbortSignal): Promise<void>
}

interface Watch {
  signal: AbortSignal
  onProgress: (progress: Progress) => void
}

const BLOCKS_AT_ONCE = 3
const LONGEST_PAUSE = 30
/** Rounds in which the cloud still lacks as much as before, after which something else is wrong. */
const IDLE_ROUNDS = 5

/** Stores the file, whatever the line does meanwhile. Throws when the cloud refuses, or `signal` is aborted. */
export async function upload(journey: Journey, tools: Tools, watch: Watch): Promise<void> {
  const { file, container, name, contentType, createOnly, metadata = {} } = journey
  const { store } = tools
  const insist = <T>(attempt: () => Promise<T>) => keepTrying(attempt, tools, watch)

  const { blockSize, blockHash } = await insist(() => store.blockParameters(container))
  if (blockHash !== 'sha256') throw new Error(`This cloud names blocks by ${blockHash}, which this page cannot compute`)
  watch.onProgress({ phase: 'hashing', bytes: 0 })
  const hashes = await tools.hash(file, blockSize, {
    signal: watch.signal,
    onProgress: (bytes) => watch.onProgress({ phase: 'hashing', bytes }),
  })
  const tell = () =>
    insist(() =>
      store.putBlockList(
        container,
        name,
        { bytes: file.size, hashes },
        { contentType, createOnly, metadata, signal: watch.signal },
      ),
    )

  let missing = await tell()
  for (let idle = 0; missing.length > 0; ) {
    await sendBlocks(missing, hashes, blockSize, journey, tools, watch)
    watch.onProgress({ phase: 'finishing' })
    const still = await tell()
    idle = still.length < missing.length ? 0 : idle + 1
    if (idle === IDLE_ROUNDS) throw new Error('The cloud keeps asking for the same parts of this file')
    missing = still
  }
}

async function sendBlocks(
  missing: string[],
  hashes: string[],
  blockSize: number,
  { file, container }: Journey,
  tools: Tools,
  watch: Watch,
) {
  const firstAt = new Map<string, number>()
  hashes.forEach((hash, index) => {
    if (!firstAt.has(hash)) firstAt.set(hash, index)
  })
  const blockOf = (hash: string) => {
    const start = firstAt.get(hash)! * blockSize
    return file.slice(start, start + blockSize)
  }
  const waiting = missing.filter((hash) => firstAt.has(hash))
  const toSend = waiting.reduce((sum, hash) => sum + blockOf(hash).size, 0)
  let arrived = file.size - toSend
  const underWay = new Map<string, number>()
  const report = () =>
    watch.onProgress({ phase: 'sending', bytes: arrived + [...underWay.values()].reduce((sum, bytes) => sum + bytes, 0) })
  report()

  // One failure ends all that are under way.
  const stop = new AbortController()
  const signal = AbortSignal.any([watch.signal, stop.signal])
  const work = async () => {
    for (let hash = waiting.shift(); hash !== undefined; hash = waiting.shift()) {
      const wanted = hash
      const block = blockOf(wanted)
      const stored = await keepTrying(
        () => {
          const onProgress = (bytes: number) => {
            underWay.set(wanted, Math.min(bytes, block.size))
            report()
          }
          return tools.sendBlock(container, block, { signal, onProgress })
        },
        tools,
        { signal, onProgress: watch.onProgress },
      )
      if (stored !== wanted) throw new Error('The file was changed while it was being uploaded')
      underWay.delete(wanted)
      arrived += block.size
      report()
    }
  }
  try {
    await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, work))
  } catch (error) {
    stop.abort()
    throw error
  }
}

/** Tries until there is an answer. A dropped line or a cloud that restarts only costs time; a refusal is final. */
async function keepTrying<T>(attempt: () => Promise<T>, { pause }: Tools, { signal, onProgress }: Watch): Promise<T> {
  for (let seconds = 1; ; seconds = Math.min(seconds * 2, LONGEST_PAUSE)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (!isPassing(error)) throw error
      onProgress({ phase: 'waiting', seconds, reason: (error as ApiError).message })
      await pause(seconds, signal)
    }
  }
}

/** No answer, too many requests, or a cloud that is being restarted. */
const isPassing = (error: unknown) => error instanceof ApiError && [0, 408, 429, 500, 502, 503, 504].includes(error.status)
