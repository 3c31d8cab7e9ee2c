// Gives the space of dropped pieces back to the file system. Node cannot punch holes, so `fallocate` of util-linux
// (essential on Debian) does it: run by the volume's own thread, which waits, so that no write can meet the
// punching. As a run costs milliseconds it is done rarely and for large pieces: once many MiB have been
// freed, right after a flush; and when the volume is released. What is not punched is used again by later writes.
import { spawnSync } from 'node:child_process'
import type { PieceMap } from './piece-map.ts'
import { OWN } from './piece-states.ts'

/** Punches a hole; false when this file system or host cannot. */
export type Punch = (path: string, offset: number, length: number) => boolean

export const punchHole: Punch = (path, offset, length) =>
  spawnSync('fallocate', ['--punch-hole', '--offset', `${offset}`, '--length', `${length}`, path], { stdio: 'ignore' }).status ===
  0

const GRANULE_BYTES = 1024 * 1024
const MANY_GRANULES = 64
/** Holes at once: bounds how long the volume stands still. */
const ROUND = 32

export class Holes {
  readonly #path: string
  readonly #pieceBytes: number
  readonly #piecesPerGranule: number
  readonly #punch: Punch
  /** Parts of the overlay, of GRANULE_BYTES each, in which pieces were freed. */
  readonly #freed = new Set<number>()
  #possible = true

  constructor({ path, pieceBytes, punch }: { path: string; pieceBytes: number; punch: Punch }) {
    this.#path = path
    this.#pieceBytes = pieceBytes
    this.#piecesPerGranule = GRANULE_BYTES / pieceBytes
    this.#punch = punch
  }

  freed(firstPiece: number, endPiece: number): void {
    const end = Math.ceil(endPiece / this.#piecesPerGranule)
    for (let granule = Math.floor(firstPiece / this.#piecesPerGranule); granule < end; granule += 1) this.#freed.add(granule)
  }

  punchWhen(freed: 'many' | 'any', map: PieceMap, pieces: number): void {
    if (!this.#possible || this.#freed.size < (freed === 'many' ? MANY_GRANULES : 1)) return
    const holes = this.#emptyRuns(map, pieces).sort((a, b) => b.end - b.first - (a.end - a.first))
    this.#freed.clear() // a granule that is not empty comes back when the rest of it is freed
    for (const { first, end } of holes.slice(0, ROUND)) {
      const bytes = (end - first) * this.#pieceBytes
      this.#possible &&= this.#punch(this.#path, first * this.#pieceBytes, bytes)
    }
    for (const { first, end } of holes.slice(ROUND)) this.freed(first, end)
  }

  /** Runs of freed granules without a piece that is own, joined where they touch. */
  #emptyRuns(map: PieceMap, pieces: number): { first: number; end: number }[] {
    const runs: { first: number; end: number }[] = []
    for (const granule of [...this.#freed].sort((a, b) => a - b)) {
      const first = granule * this.#piecesPerGranule
      const end = Math.min(pieces, first + this.#piecesPerGranule)
      if (hasOwn(map, first, end)) continue
      const last = runs.at(-1)
      if (last?.end === first) last.end = end
      else runs.push({ first, end })
    }
    return runs
  }
}

function hasOwn(map: PieceMap, first: number, end: number): boolean {
  for (let piece = first; piece < end; piece = map.runEnd(piece, end)) {
    if (map.at(piece) === OWN) return true
  }
  return false
}
