// The threads that move bytes, seen from the main one. They come when there is work and go when there has been none for a while.
import { closeSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { openThread, type Thread } from '../thread/index.ts'
import { ConnectionGone, ConnectionSilent, FileTooShort } from './errors.ts'
import type { MoveOptions, SocketIo } from './index.ts'
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

/** A connection, and the thread that serves it. */
interface Line {
  id: number
  mover: Mover
  /** A descriptor of our own. While it is open its number cannot come to mean another connection. */
  socket: number
  /** Who may still use it: the one that holds it, and what is under way. */
  users: number
  /** Bytes are missing: what would follow them must not be sent. */
  broken: boolean
}

interface Mover {
  thread: Thread<Message>
  data: ThreadData
  jobs: Map<number, Job>
}

export function openThreads(calls: SystemCalls, idleMillis: number): SocketIo {
  /** Those that take orders. */
  const movers = new Set<Mover>()
  /** Those that have not ended. */
  const alive = new Set<Mover>()
  let lastId = 0
  let closed = false

  function start(): Mover {
    const data = { wakeup: calls.eventDescriptor(), asleep: new Int32Array(new SharedArrayBuffer(4)) }
    const thread = openThread<Message, Report>({
      script: new URL('./thread.ts', import.meta.url),
      name: 'socket-io',
      data,
      idleMillis,
      onAnswer(report) {
        const job = mover.jobs.get(report.id)
        mover.jobs.delete(report.id)
        job?.settle(report)
        if (mover.jobs.size === 0) thread.rest()
      },
      onLeave: () => void movers.delete(mover),
      onEnd(failure) {
        alive.delete(mover)
        closeSync(data.wakeup)
        for (const job of mover.jobs.values()) job.settle({ threadEnded: failure })
      },
    })
    const mover: Mover = { thread, data, jobs: new Map() }
    movers.add(mover)
    alive.add(mover)
    return mover
  }

  /** The one with the least to do among the first `most`. */
  function choose(most: number): Mover {
    let chosen: Mover | undefined
    for (const mover of [...movers].slice(0, most)) if (!chosen || mover.jobs.size < chosen.jobs.size) chosen = mover
    if (!chosen || (chosen.jobs.size > 0 && movers.size < most)) return start()
    return chosen
  }

  function tell({ thread, data }: Mover, message: Message): void {
    thread.post(message)
    if (Atomics.exchange(data.asleep, 0, 0) === 1) writeSync(data.wakeup, WAKE)
  }

  function open(socket: number, most: number): Line {
    if (closed) throw new Error('nothing is sent or received any more: the threads are closed')
    return { id: ++lastId, mover: choose(most), socket: calls.duplicate(socket), users: 1, broken: false }
  }

  function leave(line: Line): void {
    line.users -= 1
    if (line.users > 0) return
    closeSync(line.socket) // by now the thread has done with it
    if (line.broken && movers.has(line.mover)) tell(line.mover, { forget: line.id })
  }

  function run(line: Line, move: Move, { silenceMillis, signal }: MoveOptions): Promise<number> {
    if (closed) throw new Error('nothing is sent or received any more: the threads are closed')
    if (line.broken) throw new Error('what was to be sent before it was not')
    signal?.throwIfAborted()
    const { mover, socket } = line
    const id = ++lastId
    return new Promise((resolve, reject) => {
      const cancel = () => {
        job.reason = signal?.reason
        tell(mover, { cancel: id })
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
      line.users += 1
      mover.jobs.set(id, job)
      mover.thread.work() // a process does not end over bytes that are under way
      tell(mover, { id, line: line.id, socket, silenceMillis, move })
    })
  }

  return {
    async receive(socket, into, options) {
      if (!(into.buffer instanceof SharedArrayBuffer)) throw new TypeError('memory that a thread fills must be shared')
      if (into.length === 0) return 0
      const line = open(socket, RECEIVING_THREADS)
      try {
        return await run(line, { into }, options)
      } finally {
        leave(line)
      }
    },
    hold(socket) {
      const line = open(socket, THREADS)
      return {
        async sendFile(file, from, bytes, options) {
          if (!movers.has(line.mover)) line.mover = choose(THREADS) // it has gone to rest: nothing was under way for long
          if (bytes > 0) await run(line, { file, from, bytes }, options)
        },
        release: () => leave(line),
      }
    },
    async close() {
      closed = true
      for (const mover of movers)
        for (const [id, job] of mover.jobs) {
          job.reason ??= new Error('what was under way was ended')
          tell(mover, { cancel: id })
        }
      await Promise.all([...alive].map(({ thread }) => thread.terminate()))
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
