// Bytes received and not yet used. Large parts are handed on as they arrived, without copying; small ones are gathered,
// so that a client that sends byte by byte cannot make the memory needed exceed what it sent.

const SMALL_BYTES = 16 * 1024
const GATHER_BYTES = 64 * 1024

export class Inbox {
  #parts: Buffer[] = []
  /** How much of the first part is used up. */
  #used = 0
  /** Room behind the last part, when that one is being gathered. */
  #gather: { buffer: Buffer; start: number; end: number } | undefined
  length = 0

  push(part: Buffer): void {
    this.length += part.length
    if (this.#parts.length > 0 && part.length < SMALL_BYTES) this.#add(part)
    else {
      this.#gather = undefined
      this.#parts.push(part)
    }
  }

  /** The next `count` bytes in one piece; they must be there. */
  take(count: number): Buffer {
    const first = this.#parts[0]
    if (first && first.length - this.#used >= count) return this.#cut(first, count)
    return Buffer.concat(this.takeParts(count), count)
  }

  /** The next `count` bytes as they arrived; they must be there. */
  takeParts(count: number): Buffer[] {
    const parts: Buffer[] = []
    for (let left = count; left > 0; ) {
      const first = this.#parts[0]!
      const part = this.#cut(first, Math.min(left, first.length - this.#used))
      left -= part.length
      parts.push(part)
    }
    return parts
  }

  #cut(first: Buffer, count: number): Buffer {
    const part = first.subarray(this.#used, this.#used + count)
    this.#used += count
    this.length -= count
    if (this.#used === first.length) {
      this.#parts.shift()
      this.#used = 0
      if (this.#parts.length === 0) this.#gather = undefined
    }
    return part
  }

  #add(part: Buffer): void {
    if (!this.#gather || this.#gather.buffer.length - this.#gather.end < part.length) {
      this.#gather = { buffer: Buffer.allocUnsafeSlow(GATHER_BYTES), start: 0, end: 0 }
      this.#parts.push(this.#gather.buffer.subarray(0, 0))
    }
    const { buffer, start } = this.#gather
    part.copy(buffer, this.#gather.end)
    this.#gather.end += part.length
    this.#parts[this.#parts.length - 1] = buffer.subarray(start, this.#gather.end)
  }
}
