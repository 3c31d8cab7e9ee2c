// The changes of a volume's piece map since its last flush: appended without syncing, so that they survive this
// process but not the kernel. The boot id at the top tells whether it is still the same kernel.
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { VolumeFile } from './files.ts'
import { BELOW, OWN, type PieceState, ZERO } from './piece-states.ts'

export interface Change {
  first: number
  end: number
  state: PieceState
}

const HEADER_BYTES = 48
const MAGIC = 'CHANGES1'
/** Checksum of the rest, state, first piece and the piece after the last. */
const RECORD_BYTES = 24
const LONG_BYTES = 1024 * 1024

/** Differs after every start of the kernel, i.e. whenever unsynced writes may have been lost. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

export class ChangeLog {
  readonly #file: VolumeFile
  readonly #record = Buffer.alloc(RECORD_BYTES)
  #end = HEADER_BYTES

  constructor(file: VolumeFile, boot: string) {
    this.#file = file
    const expected = Buffer.alloc(HEADER_BYTES)
    expected.write(MAGIC + boot, 'latin1')
    const header = Buffer.alloc(HEADER_BYTES)
    file.read(header, 0, HEADER_BYTES, 0)
    if (header.equals(expected)) return
    file.resize(0)
    file.write([expected], 0)
  }

  /** What a process that died left behind. A torn record ends it: its write was never acknowledged. */
  read(): Change[] {
    const bytes = Buffer.alloc(Math.max(0, this.#file.sizeBytes() - HEADER_BYTES))
    this.#file.read(bytes, 0, bytes.length, HEADER_BYTES)
    const changes: Change[] = []
    let at = 0
    for (; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
      const record = bytes.subarray(at, at + RECORD_BYTES)
      const state = record.readUInt32LE(4)
      if (record.readUInt32LE(0) !== crc32(record.subarray(4)) || !isState(state)) break
      changes.push({ state, first: Number(record.readBigUInt64LE(8)), end: Number(record.readBigUInt64LE(16)) })
    }
    this.#end = HEADER_BYTES + at
    return changes
  }

  append({ first, end, state }: Change): void {
    const record = this.#record
    record.writeUInt32LE(state, 4)
    record.writeBigUInt64LE(BigInt(first), 8)
    record.writeBigUInt64LE(BigInt(end), 16)
    record.writeUInt32LE(crc32(record.subarray(4)), 0)
    this.#file.write([record], this.#end)
    this.#end += RECORD_BYTES
  }

  get long(): boolean {
    return this.#end > LONG_BYTES
  }

  clear(): void {
    if (this.#end === HEADER_BYTES) return
    this.#file.resize(HEADER_BYTES)
    this.#end = HEADER_BYTES
  }

  close(): void {
    this.#file.close()
  }
}

function isState(state: number): state is PieceState {
  return state === BELOW || state === OWN || state === ZERO
}
