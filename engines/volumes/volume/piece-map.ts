// Which pieces of a volume are its own, kept so that no crash can make it lie.
//
// Three copies of the same two bits per piece:
//
//   memory       what reads and writes go by
//   `changes`    every change since the last flush, appended before the write is acknowledged, never synced
//   `map`        as of the last flush; durable
//
// The rules:
//
//   write   data into the overlay → change appended to `changes` → memory → acknowledged
//   flush   overlay synced → changed pages of `map` written → `map` synced → `changes` emptied → acknowledged
//   open    `map`, then `changes` on top of it, but only if the kernel has not been restarted since (boot id)
//
// When a process dies, the kernel still has everything that was written, so `map` + `changes` + overlay are
// exactly what was acknowledged, flushed or not. That is more than NBD asks for and it is needed: a guest lives on
// through a restart of its server, and has dropped the pages that it believes written.
//
// When the power fails, `changes` is void and the volume is what `map` says, each sector being what it was at
// the last flush or what some later, unflushed write made it: nothing that a disk with a write cache could not do.
// Take a piece by what `map` says of it:
//   own     Its overlay bytes were durable at that flush; later writes touched only the sectors they were
//           meant for, and each of those is old or new. A trim may have punched them to zeros, and so it may.
//           A write into a piece trimmed since then fills the whole piece with zeros around its data: each sector
//           is old, zero by the trim, or new.
//   below,  It reads as at the flush; everything unflushed is lost. Whatever lies in the overlay at this place
//   zero    is never read: only `own` reads the overlay, and a piece becomes own by being written whole,
//           data with what surrounds it.
// A write that was under way when a process died belongs to the unflushed ones, whether it took effect or not: clients
// send it again.
// The bit reaches the disk after the data, so `own` never points at bytes that were not there.
//
// `map` consists of pages of 4096 bytes (16,320 pieces), each in two places that are written in turn, with a checksum
// and a generation. A page torn by a crash fails its checksum and the other place, which is the page of the
// last flush, counts. Pages need no order among each other: each bit speaks of its own piece only. Chosen over a log
// because its size is bounded, no compaction is needed, and a flush rewrites blocks that exist, which
// costs the file system no journal entry; a flush after rewriting pieces that are own already touches no page at all.

import { crc32 } from 'node:zlib'
import type { ChangeLog } from './change-log.ts'
import type { VolumeFile } from './files.ts'
import { type PieceState, PieceStates } from './piece-states.ts'

const PAGE_BYTES = 4096
const HEADER_BYTES = 16
const STATE_BYTES = PAGE_BYTES - HEADER_BYTES
export const PIECES_PER_PAGE = STATE_BYTES * 4

/** Offsets in a page: checksum of all that follows, the page's number, its generation, and the format. */
const CHECKSUM = 0
const NUMBER = 4
const GENERATION = 8
const FORMAT = 14
const FORMAT_1 = 1

export class MapDamaged extends Error {
  constructor(page: number) {
    super(`page ${page} of the piece map is damaged in both of its places`)
    this.name = 'MapDamaged'
  }
}

export class PieceMap {
  readonly #file: VolumeFile
  readonly #changes: ChangeLog
  readonly #changedPages = new Set<number>()
  #states: PieceStates
  /** The generation of each page at the last flush; its parity says in which of the two places it lies. */
  #generations: Float64Array

  constructor(file: VolumeFile, changes: ChangeLog, pieces: number) {
    this.#file = file
    this.#changes = changes
    const pages = Math.ceil(pieces / PIECES_PER_PAGE)
    this.#states = new PieceStates(pages * STATE_BYTES)
    this.#generations = new Float64Array(pages)
    this.#load()
    for (const { first, end, state } of changes.read()) this.#apply(first, Math.min(end, pieces), state)
  }

  at(piece: number): PieceState {
    return this.#states.at(piece)
  }

  /** The first piece after `piece` whose state differs, at most `end`. */
  runEnd(piece: number, end: number): number {
    return this.#states.runEnd(piece, end)
  }

  isAll(first: number, end: number, state: PieceState): boolean {
    return this.#states.at(first) === state && this.#states.runEnd(first, end) === end
  }

  set(first: number, end: number, state: PieceState): void {
    this.#changes.append({ first, end, state })
    this.#apply(first, end, state)
  }

  get changed(): boolean {
    return this.#changedPages.size > 0
  }

  /** True when so much has changed that the log of changes should be cut short by a flush. */
  get wantsFlush(): boolean {
    return this.#changes.long
  }

  /** Makes the map durable. What it claims must be durable already. */
  save(): void {
    if (this.#changedPages.size > 0) {
      for (const page of this.#changedPages) this.#writePage(page)
      this.#file.sync()
      for (const page of this.#changedPages) this.#generations[page]! += 1
      this.#changedPages.clear()
    }
    this.#changes.clear()
  }

  /** After a failed sync nobody knows whether the data is there that unflushed changes speak of. */
  forgetUnflushed(): void {
    this.#changes.clear()
  }

  grow(pieces: number): void {
    const pages = Math.ceil(pieces / PIECES_PER_PAGE)
    if (pages <= this.#generations.length) return
    const states = new PieceStates(pages * STATE_BYTES)
    states.bits.set(this.#states.bits)
    this.#states = states
    const generations = new Float64Array(pages)
    generations.set(this.#generations)
    this.#generations = generations
  }

  close(): void {
    this.#changes.close()
    this.#file.close()
  }

  #apply(first: number, end: number, state: PieceState): void {
    if (first >= end) return
    this.#states.fill(first, end, state)
    const lastPage = Math.floor((end - 1) / PIECES_PER_PAGE)
    for (let page = Math.floor(first / PIECES_PER_PAGE); page <= lastPage; page += 1) this.#changedPages.add(page)
  }

  #load(): void {
    const pages = this.#generations.length
    const both = Buffer.allocUnsafe(2 * PAGE_BYTES)
    const held = Math.min(pages, Math.ceil(this.#file.sizeBytes() / both.length)) // the rest was never written
    for (let page = 0; page < held; page += 1) {
      this.#file.read(both, 0, both.length, page * both.length)
      const places = [both.subarray(0, PAGE_BYTES), both.subarray(PAGE_BYTES)].map((place) => readPage(place, page))
      const valid = places.filter((place) => typeof place === 'object').sort((a, b) => b.generation - a.generation)[0]
      if (valid) {
        this.#generations[page] = valid.generation
        this.#states.bits.set(valid.states, page * STATE_BYTES)
      } else if (places.every((place) => place === 'torn')) throw new MapDamaged(page)
    }
  }

  #writePage(page: number): void {
    const generation = this.#generations[page]! + 1
    const bytes = Buffer.alloc(PAGE_BYTES)
    bytes.writeUInt32LE(page, NUMBER)
    bytes.writeUIntLE(generation, GENERATION, 6)
    bytes.writeUInt16LE(FORMAT_1, FORMAT)
    bytes.set(this.#states.bits.subarray(page * STATE_BYTES, (page + 1) * STATE_BYTES), HEADER_BYTES)
    bytes.writeUInt32LE(crc32(bytes.subarray(NUMBER)), CHECKSUM)
    this.#file.write([bytes], (2 * page + (generation % 2)) * PAGE_BYTES)
  }
}

function readPage(bytes: Buffer, page: number): 'empty' | 'torn' | { generation: number; states: Buffer } {
  if (bytes.readUInt32LE(CHECKSUM) === 0 && bytes.every((byte) => byte === 0)) return 'empty'
  const whole =
    bytes.readUInt32LE(CHECKSUM) === crc32(bytes.subarray(NUMBER)) &&
    bytes.readUInt32LE(NUMBER) === page &&
    bytes.readUInt16LE(FORMAT) === FORMAT_1
  return whole ? { generation: bytes.readUIntLE(GENERATION, 6), states: bytes.subarray(HEADER_BYTES) } : 'torn'
}
