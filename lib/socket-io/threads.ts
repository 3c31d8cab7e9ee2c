// The threads that move bytes, seen from the main one. They come when there is work and go when there has been none for a while.
import { closeSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { ConnectionGone, ConnectionSilent, FileTooShort } from './errors.ts'
import type { HeldSocket, MoveOptions, SocketIo } from './index.ts'
import type { SystemCalls } from './system-calls.ts'

/** What is to be done: `into` is filled, or bytes of `file` are sent. */
export type Move = { into: Uint8Array } | { file: number; from: number; bytes: number }
/** Orders of one `line` are done one after the other. */
export type Order = { id: number; line: number; socket: number; silenceMillis: number; move: Move }
export type Message = Order | { cancel: number } | { forget: number }
/** How it ended. `code` names an error of the system that has no better name. */
export type Report = { id: number; bytes: number } | { id: number; failure: Failure } | { id: number; code: string }
export type Failure = 'gone' | 'silent' | 'short' | 'cancelled'

export interface ThreadData {
  /** Where a number is written to wake the thread. */
  wakeup: number
  /** One number: 1 while the thread waits for sockets, where no message of Node's reaches it. */
  asleep: Int32Array
}

/** Bytes move as fast as the processors copy them: more threads than these would not help. */
const THREADS = availableParallelism()
/** One takes in more than all processors together can hash, and each costs 20 MiB of memory. */
const RECEIVING_THREADS = 1
const WAKE = new BigUint64Array([1n])

const ERRORS = { gone: ConnectionGone, silent: ConnectionSilent, short: FileTooShort }

interface Job {
  /** Why it is to end early. */
  reason?: unknown
  settle: (report: Report | Ended) => void
}

/** No report comes any more, because of this error if there was one. */
type Ended = { threadEnded: unknown }

/** A connection on its way through one thread. */
interface Line {
  id: number
  thread: Thread
  /** A descriptor of our own. While it is open its number cannot come to mean another connection. */
  socket: number
  /** Who may still use it: the one that holds it, and what is under way. */
  users: number
  /** Bytes are missing: what would follow them must not be sent. */
  broken: boolean
}

interface Thread {
  worker: Worker
  data: ThreadData
  jobs: Map<number, Job>
  leaving: NodeJS.Timeout | undefined
  ended: Promise<void>
}

export function openThreads(calls: SystemCalls, idleMillis: number): SocketIo {
  const threads = new Set<Thread>()
  let lastId = 0
  let closed = false

  function start(): Thread {
    const data = { wakeup: calls.eventDescriptor(), asleep: new Int32Array(new SharedArrayBuffer(4)) }
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'socket-io',
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    })
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const thread: Thread = { worker, data, jobs: new Map(), leaving: undefined, ended }
    threads.add(thread)
    worker.on('message', (report: Report) => {
      const job = thread.jobs.get(report.id)
      thread.jobs.delete(report.id)
      job?.settle(report)
      if (thread.jobs.size === 0) rest(thread)
    })
    let failure: unknown
    worker.on('error', (error) => {
      failure = error // what follows is its end
    })
    worker.on('exit', () => {
      clearTimeout(thread.leaving)
      threads.delete(thread)
      closeSync(data.wakeup)
      for (const job of thread.jobs.values()) job.settle({ threadEnded: failure })
      resolve()
    })
    return thread
  }

  function rest(thread: Thread): void {
    thread.worker.unref()
    thread.leaving = setTimeout(() => {
      threads.delete(thread)
      void thread.worker.terminate()
    }, idleMillis).unref()
  }

  /** The one with the least to do among the first `most`. */
  function choose(most = THREADS): Thread {
    let chosen: Thread | undefined
    for (const thread of [...threads].slice(0, most)) if (!chosen || thread.jobs.size < chosen.jobs.size) chosen = thread
    if (!chosen || (chosen.jobs.size > 0 && threads.size < most)) return start()
    return chosen
  }

  function tell({ worker, data }: Thread, message: Message): void {
    worker.postMessage(message)
    if (Atomics.exchange(data.asleep, 0, 0) === 1) writeSync(data.wakeup, WAKE)
  }

  function open(socket: number, most?: number): Line {
    if (closed) throw new Error('nothing is sent or received any more: the threads are closed')
    return { id: ++lastId, thread: choose(most), socket: calls.duplicate(socket), users: 1, broken: false }
  }

  function leave(line: Line): void {
    line.users -= 1
    if (line.users > 0) return
    closeSync(line.socket) // by now the thread has done with it
    if (line.broken && threads.has(line.thread)) tell(line.thread, { forget: line.id })
  }

  function run(line: Line, move: Move, { silenceMillis, signal }: MoveOptions): Promise<number> {
    if (closed) throw new Error('nothing is sent or received any more: the threads are closed')
    if (line.broken) throw new Error('what was to be sent before it was not')
    signal?.throwIfAborted()
    const { thread, socket } = line
    const id = ++lastId
    return new Promise((resolve, reject) => {
      const cancel = () => {
        job.reason = signal?.reason
        tell(thread, { cancel: id })
      }
      const job: Job = {
        settle(report) {
          signal?.removeEventListener('abort', cancel)
          line.broken ||= !('bytes' in report)
          leave(line)
          if ('bytes' in report) resolve(report.bytes)
          else reject(errorOf(report, job.reason))
        },
      }
      signal?.addEventListener('abort', cancel, { once: true })
      clearTimeout(thread.leaving)
      line.users += 1
      thread.jobs.set(id, job)
      thread.worker.ref() // a process does not end over bytes that are under way
      tell(thread, { id, line: line.id, socket, silenceMillis, move })
    })
  }

  async function runAlone(socket: number, move: Move, options: MoveOptions): Promise<number> {
    const line = open(socket, 'into' in move ? RECEIVING_THREADS : THREADS)
    try {
      return await run(line, move, options)
    } finally {
      leave(line)
    }
  }

  function held(socket: number): HeldSocket {
    const line = open(socket)
    return {
      async sendFile(file, from, bytes, options) {
        if (!threads.has(line.thread)) line.thread = choose() // it has gone to rest: nothing was under way for long
        if (bytes > 0) await run(line, { file, from, bytes }, options)
      },
      release: () => leave(line),
    }
  }

  return {
    async receive(socket, into, options) {
      if (!(into.buffer instanceof SharedArrayBuffer)) throw new TypeError('memory that a thread fills must be shared')
      return into.length === 0 ? 0 : runAlone(socket, { into }, options)
    },
    async sendFile(socket, file, from, bytes, options) {
      if (bytes > 0) await runAlone(socket, { file, from, bytes }, options)
    },
    hold: held,
    async close() {
      closed = true
      for (const thread of threads)
        for (const [id, job] of thread.jobs) {
          job.reason ??= new Error('what was under way was ended')
          tell(thread, { cancel: id })
        }
      await Promise.all(
        [...threads].map(async (thread) => {
          await thread.worker.terminate()
          await thread.ended
        }),
      )
    },
  }
}

function errorOf(report: Exclude<Report, { bytes: number }> | Ended, reason: unknown): unknown {
  if ('threadEnded' in report) return reason ?? new Error('the thread that moved bytes ended', { cause: report.threadEnded })
  if ('code' in report) return Object.assign(new Error(`the system answered ${report.code}`), { code: report.code })
  return report.failure === 'cancelled'
    ? (reason ?? new Error('what was under way before it was ended'))
    : new ERRORS[report.failure]()
}
