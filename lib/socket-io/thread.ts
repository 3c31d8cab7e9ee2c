// One thread of threads.ts. It tries to move bytes at once; what the socket does not let through waits, with all others,
// in one call of poll.
import { readSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { loadSystemCalls } from './system-calls.ts'
import type { Failure, Message, Order, Report, ThreadData } from './threads.ts'

const MSG_DONTWAIT = 0x40
const POLLIN = 1
const POLLOUT = 4
/** Of one socket before the others have their turn. */
const TURN_BYTES = 1024 * 1024
/** Node ends a thread between two of its own steps: so it takes one from time to time, however silent the sockets. */
const LONGEST_SLEEP_MS = 500

interface Operation extends Order {
  moved: number
  /** When it last moved, or began. */
  movedAt: number
  /** Of a file, where the next byte is. */
  offset: BigInt64Array
}

type Turn = 'again' | 'blocked' | 'done' | Failure | { code: string }

const { wakeup, asleep } = workerData as ThreadData
const port = parentPort!
const calls = loadSystemCalls()
const { EAGAIN, EINTR, EPIPE, ECONNRESET, ENOTCONN, ETIMEDOUT } = calls.errors
const BLOCKED = new Set([EAGAIN, EINTR])
const GONE = new Set([EPIPE, ECONNRESET, ENOTCONN, ETIMEDOUT])

/** What may go on at once, and what waits for its socket. */
const ready = new Map<number, Operation>()
const waiting = new Map<number, Operation>()
/** Of each line that has an operation under way, those behind it. */
const lines = new Map<number, Operation[]>()
/** Lines of which something was not sent: nothing that follows it may be. */
const broken = new Set<number>()
/** As poll has them, two numbers each: a descriptor, and what is waited for with what came of it in the upper half. */
let entries = new Int32Array(64)
const wakeups = Buffer.alloc(8)

function take(message: Message): void {
  if ('cancel' in message) cancel(message.cancel)
  else if ('forget' in message) broken.delete(message.forget)
  else if (broken.has(message.line)) report({ id: message.id, failure: 'cancelled' })
  else begin(message)
}

function begin(order: Order): void {
  const offset = new BigInt64Array(['from' in order.move ? BigInt(order.move.from) : 0n])
  const operation = { ...order, moved: 0, movedAt: performance.now(), offset }
  const behind = lines.get(order.line)
  if (behind) behind.push(operation)
  else {
    lines.set(order.line, [])
    ready.set(order.id, operation)
  }
}

function cancel(id: number): void {
  const problem = { failure: 'cancelled' } as const
  const operation = ready.get(id) ?? waiting.get(id)
  if (operation) end(operation, problem)
  else {
    for (const [line, behind] of lines) {
      const at = behind.findIndex((each) => each.id === id)
      if (at === -1) continue
      broken.add(line)
      fail(behind.splice(at), problem)
    }
  }
}

type Problem = { failure: Failure } | { code: string }

function fail(operations: readonly Operation[], problem: Problem): void {
  for (const { id } of operations) report({ id, ...problem })
}

/** With the next of its line going on; after a problem none does. */
function end(operation: Operation, problem?: Problem): void {
  const { id, line, moved } = operation
  ready.delete(id)
  waiting.delete(id)
  const behind = lines.get(line)!
  if (problem) {
    broken.add(line)
    fail([operation, ...behind.splice(0)], problem)
  } else report({ id, bytes: moved })
  const next = behind.shift()
  if (!next) return void lines.delete(line)
  next.movedAt = performance.now()
  ready.set(next.id, next)
}

function takeAll(): boolean {
  let taken = false
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    take(next.message)
    taken = true
  }
  return taken
}

function report(of: Report): void {
  port.postMessage(of)
}

/** Moves what can be moved without waiting. */
function turn(operation: Operation): Turn {
  const { socket, move, moved, offset } = operation
  const whole = 'into' in move ? move.into.length : move.bytes
  const asked = Math.min(TURN_BYTES, whole - moved)
  const result =
    'into' in move
      ? calls.recv(socket, move.into.subarray(moved, moved + asked), asked, MSG_DONTWAIT)
      : calls.sendfile(socket, move.file, offset, asked)
  if (result < 0) {
    const error = calls.errno()
    if (BLOCKED.has(error)) return 'blocked'
    return GONE.has(error) ? 'gone' : { code: getSystemErrorName(-error) }
  }
  if (result === 0) return 'into' in move ? 'done' : 'short'
  operation.moved += result
  operation.movedAt = performance.now()
  if (operation.moved === whole) return 'done'
  return result < asked ? 'blocked' : 'again' // less than asked: there is no more, or no more room, now
}

/** Has a turn; what comes of it decides where the operation goes on. */
function goOn(operation: Operation): void {
  const { id } = operation
  const outcome = turn(operation)
  if (outcome === 'again' || outcome === 'blocked') {
    const [to, from] = outcome === 'again' ? [ready, waiting] : [waiting, ready]
    from.delete(id)
    to.set(id, operation)
    return
  }
  if (outcome === 'done') end(operation)
  else end(operation, typeof outcome === 'string' ? { failure: outcome } : outcome)
}

/** Answers the operations that poll is asked about, in its order, and when the first of them has been silent for too long. */
function prepare(): { asked: Operation[]; deadline: number } {
  const asked = [...waiting.values()]
  if (entries.length < 2 * (asked.length + 1)) entries = new Int32Array(4 * (asked.length + 1))
  entries[0] = wakeup
  entries[1] = POLLIN
  let deadline = Number.POSITIVE_INFINITY
  for (const [index, { socket, move, movedAt, silenceMillis }] of asked.entries()) {
    entries[2 * index + 2] = socket
    entries[2 * index + 3] = 'into' in move ? POLLIN : POLLOUT
    deadline = Math.min(deadline, movedAt + silenceMillis)
  }
  return { asked, deadline }
}

/** Waits until a socket can go on, a message comes or somebody has been silent for too long; does not wait while others can go on. */
function wait(): void {
  const { asked, deadline } = prepare()
  let timeout = 0
  if (ready.size === 0) {
    Atomics.store(asleep, 0, 1)
    // Whoever sent a message before this had no reason to wake us, whoever does after it has.
    if (!takeAll()) timeout = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(deadline - performance.now())))
  }
  const found = calls.poll(entries, asked.length + 1, timeout)
  Atomics.store(asleep, 0, 0)
  if (found > 0 && entries[1]! >> 16) readSync(wakeup, wakeups)
  const now = performance.now()
  for (const [index, operation] of asked.entries()) {
    if (!waiting.has(operation.id)) continue // cancelled
    if (found > 0 && entries[2 * index + 3]! >> 16) ready.set(operation.id, operation)
    else if (operation.movedAt + operation.silenceMillis <= now) endSilent(operation)
  }
  for (const id of ready.keys()) waiting.delete(id)
}

/** A socket says that it has room only when there is plenty: who takes little, but takes, is not silent. */
function endSilent(operation: Operation): void {
  const { moved } = operation
  goOn(operation)
  if (operation.moved === moved && waiting.has(operation.id)) end(operation, { failure: 'silent' })
}

port.on('message', (message: Message) => {
  take(message)
  while (ready.size + waiting.size > 0) {
    for (const operation of [...ready.values()]) goOn(operation)
    takeAll()
    if (waiting.size > 0) wait()
  }
})
