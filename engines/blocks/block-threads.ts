// Threads that hash large blocks, write and decrypt them, so that none of it costs the main thread anything. They come when there
// is work and go when there has been none for a while.
import { availableParallelism } from 'node:os'
import { openThread, type Thread } from '@synnefo/lib/thread'
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

interface Job {
  order: BlockOrder
  resolve: (done: Done) => void
  reject: (error: unknown) => void
}

interface Worker {
  thread: Thread<BlockOrder>
  job: Job | undefined
}

export function openBlockThreads(shelf: Shelf): BlockThreads {
  const workers = new Set<Worker>()
  const waiting: Job[] = []
  let closed = false

  function begin(worker: Worker, job: Job): void {
    worker.job = job
    worker.thread.work()
    worker.thread.post(job.order)
  }

  function goOn(worker: Worker): void {
    worker.job = undefined
    const next = waiting.shift()
    if (next) begin(worker, next)
    else worker.thread.rest()
  }

  function start(job: Job): void {
    const thread = openThread<BlockOrder, BlockAnswer>({
      script: new URL('./block-thread.ts', import.meta.url),
      name: 'blocks',
      data: shelf,
      onAnswer(answer) {
        const done = worker.job
        goOn(worker)
        if ('done' in answer) done?.resolve(answer.done)
        else done?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }))
      },
      onLeave: () => void workers.delete(worker),
      onEnd(failure) {
        worker.job?.reject(failure ?? new Error('the thread that worked on a block ended'))
        const next = waiting.shift()
        if (next) start(next)
      },
    })
    const worker: Worker = { thread, job: undefined }
    workers.add(worker)
    begin(worker, job)
  }

  function run(order: BlockOrder): Promise<Done> {
    if (closed) return Promise.reject(new Error('the block store is closed'))
    return new Promise((resolve, reject) => {
      const job = { order, resolve, reject }
      const idle = [...workers].find((worker) => !worker.job)
      if (idle) begin(idle, job)
      else if (workers.size < THREADS) start(job)
      else waiting.push(job)
    })
  }

  return {
    write: (data, expected) => run({ write: data, expected }) as Promise<Outcome>,
    hashFile: (file, bytes, name) => run({ file, bytes, name }) as Promise<string>,
    readFile: (file, into, offset, name) => run({ file, into, offset, name }) as Promise<number>,
    async close() {
      closed = true
      await Promise.all([...workers].map(({ thread }) => thread.terminate()))
    },
  }
}
