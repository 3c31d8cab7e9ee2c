// Two bits for each piece of a volume.

/** Read from the source below, or zeros where there is none. */
export const BELOW = 0
/** In the overlay file. */
export const OWN = 1
/** Zeros that hide what is below; takes no space. */
export const ZERO = 2

export type PieceState = typeof BELOW | typeof OWN | typeof ZERO

/** Four pieces of one state in a byte, by state. */
const FOUR_OF = [0b00000000, 0b01010101, 0b10101010] as const

export class PieceStates {
  readonly bits: Uint8Array

  constructor(bytes: number) {
    this.bits = new Uint8Array(bytes)
  }

  at(piece: number): PieceState {
    return ((this.bits[piece >>> 2]! >>> ((piece & 3) << 1)) & 3) as PieceState
  }

  /** The first piece after `piece` whose state differs, at most `end`. */
  runEnd(piece: number, end: number): number {
    const state = this.at(piece)
    const four = FOUR_OF[state]
    let at = piece + 1
    while (at < end) {
      if ((at & 3) === 0 && at + 4 <= end && this.bits[at >>> 2] === four) at += 4
      else if (this.at(at) === state) at += 1
      else break
    }
    return at
  }

  fill(first: number, end: number, state: PieceState): void {
    let at = first
    while (at < end) {
      if ((at & 3) === 0 && at + 4 <= end) {
        const lastFour = end - (end & 3)
        this.bits.fill(FOUR_OF[state], at >>> 2, lastFour >>> 2)
        at = lastFour
      } else {
        const shift = (at & 3) << 1
        this.bits[at >>> 2] = (this.bits[at >>> 2]! & ~(3 << shift)) | (state << shift)
        at += 1
      }
    }
  }
}
