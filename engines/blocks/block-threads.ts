// Threads that hash large blocks, write and decrypt them, so that none of it costs the main thread anything. They come when there
// is work and go when there has been none for a while.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Outcome, Shelf } from './write-block.ts'

/** Shared memory is not copied on its way. */
export type BlockOrder =
  | { write: Uint8Array; expected: string | undefined }
  | { file: number; bytes: number; name: string }
  | { file: number; into: Uint8Array; offset: number; name: string }
type Done = Outcome | string | number
export type BlockAnswer = { done: Done } | { error: { code: string | undefined; message: string } }

export interface BlockThreads {
  write(data: Uint8Array, expected: string | undefined): Promise<Outcome>
  /** The hash of that many bytes of an open file, which is the block of that name. */
  hashFile(file: number, bytes: number, name: string): Promise<string>
  /** Fills shared memory from an offset of such a file on, decrypted, as far as the file goes; answers how many bytes. */
  readFile(file: number, into: Uint8Array, offset: number, name: string): Promise<number>
  close(): Promise<void>
}

/** A block spends half of its time waiting for the disk; a thread takes more than ten mebibytes of memory. */
const THREADS = availableParallelism() + 1
const IDLE_MS = 30_000

interface Job {
  order: BlockOrder
  resolve: (done: Done) => void
  reject: (error: unknown) => void
}

interface Thread {
  worker: Worker
  job: Job | undefined
  leaving: NodeJS.Timeout | undefined
}

export function openBlockThreads(shelf: Shelf): BlockThreads {
  const threads = new Set<Thread>()
  const waiting: Job[] = []
  let closed = false

  function begin(thread: Thread, job: Job): void {
    clearTimeout(thread.leaving)
    thread.job = job
    thread.worker.ref() // a process does not end over a block that is being written
    thread.worker.postMessage(job.order)
  }

  function goOn(thread: Thread): void {
    thread.job = undefined
    const next = waiting.shift()
    if (next) begin(thread, next)
    else rest(thread)
  }

  function rest(thread: Thread): void {
    thread.worker.unref()
    thread.leaving = setTimeout(() => {
      threads.delete(thread)
      void thread.worker.terminate()
    }, IDLE_MS).unref()
  }

  function start(job: Job): void {
    const worker = new Worker(new URL('./block-thread.ts', import.meta.url), {
      name: 'blocks',
      workerData: shelf,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    })
    const thread: Thread = { worker, job: undefined, leaving: undefined }
    threads.add(thread)
    let failure: unknown
    worker.on('message', (answer: BlockAnswer) => {
      const done = thread.job
      goOn(thread)
      if ('done' in answer) done?.resolve(answer.done)
      else done?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }))
    })
    worker.on('error', (error) => {
      failure = error
    })
    worker.on('exit', () => {
      clearTimeout(thread.leaving)
      threads.delete(thread)
      thread.job?.reject(failure ?? new Error('the thread that worked on a block ended'))
      const next = waiting.shift()
      if (next) start(next)
    })
    begin(thread, job)
  }

  function run(order: BlockOrder): Promise<Done> {
    if (closed) return Promise.reject(new Error('the block store is closed'))
    return new Promise((resolve, reject) => {
      const job = { order, resolve, reject }
      const idle = [...threads].find((thread) => !thread.job)
      if (idle) begin(idle, job)
      else if (threads.size < THREADS) start(job)
      else waiting.push(job)
    })
  }

  return {
    write: (data, expected) => run({ write: data, expected }) as Promise<Outcome>,
    hashFile: (file, bytes, name) => run({ file, bytes, name }) as Promise<string>,
    readFile: (file, into, offset, name) => run({ file, into, offset, name }) as Promise<number>,
    async close() {
      closed = true
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
