/** Buffers of one size, used again and again: left to the garbage collector, those of a fast upload pile up to gigabytes. */
export interface Buffers {
  take(): Buffer
  /** Nobody may look at it any more. */
  giveBack(buffer: Buffer): void
}

export function openBuffers(bytes: number, keptAtMost: number): Buffers {
  const kept: Buffer[] = []
  return {
    take: () => kept.pop() ?? Buffer.allocUnsafeSlow(bytes),
    giveBack(buffer) {
      if (kept.length < keptAtMost) kept.push(buffer)
    },
  }
}
