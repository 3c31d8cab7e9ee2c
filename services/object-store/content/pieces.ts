// Memory for pieces of content on their way out. Whoever is done with a piece may give its memory back; one that is not
// given back is left to the garbage collector, which pays for each mebibyte with a walk through the heap.

export const PIECE_BYTES = 1024 * 1024
/** Two for each of so many downloads. */
const KEPT = 32

export interface Pieces {
  take(bytes: number): Buffer
  /** Nobody looks at it any more. Memory that is none of ours, or was given back already, is left alone. */
  giveBack(piece: Buffer): void
}

/** `shared`: threads may fill it. */
export function openPieces({ shared = false }: { shared?: boolean } = {}): Pieces {
  const free: ArrayBufferLike[] = []
  const taken = new WeakSet<ArrayBufferLike>()
  return {
    take(bytes) {
      const memory = free.pop() ?? (shared ? new SharedArrayBuffer(PIECE_BYTES) : new ArrayBuffer(PIECE_BYTES))
      taken.add(memory)
      return Buffer.from(memory, 0, bytes)
    },
    giveBack({ buffer }) {
      if (taken.delete(buffer) && free.length < KEPT) free.push(buffer)
    },
  }
}
