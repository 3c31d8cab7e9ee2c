// Replies on their way to a client. They are written into large reused buffers, headers and data side by side, and
// leave in as few system calls as possible: once for all requests that arrived together.
import type { Socket } from 'node:net'

const BUFFER_BYTES = 256 * 1024
const KEEP_BYTES = 4 * 1024 * 1024

interface Page {
  buffer: Buffer
  used: number
  sent: number
  /** Writes that the socket has not finished. */
  inFlight: number
}

export class Outbox {
  readonly #socket: Socket
  #page: Page = { buffer: Buffer.alloc(0), used: 0, sent: 0, inFlight: 0 }
  #idle: Page[] = []
  #idleBytes = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Room for `bytes`, to be filled in at once; `at` is where it begins in `buffer`. */
  reserve(bytes: number): { buffer: Buffer; at: number } {
    if (this.#page.buffer.length - this.#page.used < bytes) this.#turnTo(bytes)
    const at = this.#page.used
    this.#page.used += bytes
    return { buffer: this.#page.buffer, at }
  }

  /** Takes back the last `bytes` reserved. */
  giveBack(bytes: number): void {
    this.#page.used -= bytes
  }

  /** Sends what has been filled in. */
  send(): void {
    const page = this.#page
    if (page.used === page.sent) return
    page.inFlight += 1
    const part = page.buffer.subarray(page.sent, page.used)
    page.sent = page.used
    this.#socket.write(part, () => {
      page.inFlight -= 1
      if (page.inFlight > 0) return
      if (page !== this.#page) this.#keep(page)
      else if (page.used === page.sent) page.used = page.sent = 0
    })
  }

  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  #turnTo(bytes: number): void {
    this.send()
    const old = this.#page
    if (old.inFlight === 0) this.#keep(old)
    const fitting = this.#idle.findIndex((page) => page.buffer.length >= bytes)
    const [page] = fitting < 0 ? [] : this.#idle.splice(fitting, 1)
    if (page) this.#idleBytes -= page.buffer.length
    const size = Math.max(BUFFER_BYTES, 2 ** Math.ceil(Math.log2(bytes)))
    this.#page = page ?? { buffer: Buffer.allocUnsafeSlow(size), used: 0, sent: 0, inFlight: 0 }
  }

  #keep(page: Page): void {
    if (this.#idleBytes + page.buffer.length > KEEP_BYTES) return
    page.used = page.sent = 0
    this.#idleBytes += page.buffer.length
    this.#idle.push(page)
  }
}
