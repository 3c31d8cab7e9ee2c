// One open volume: reads put together from its own pieces, shared blocks and zeros; writes that make pieces its own.
// Everything here is synchronous, for a thread that does nothing else. Requests never overlap, which the
// reasoning in piece-map.ts relies on.
import { join } from 'node:path'
import { bootId, ChangeLog } from './change-log.ts'
import { openVolumeFile, SyncFailed, type VolumeFile } from './files.ts'
import { Holes, type Punch, punchHole } from './holes.ts'
import { PieceMap } from './piece-map.ts'
import { BELOW, OWN, ZERO } from './piece-states.ts'
import { BlockUnreadable, SharedBlocks, type Source } from './shared-blocks.ts'

export interface OpenVolume {
  /** The volume's own folder. */
  folder: string
  sizeBytes: number
  pieceBytes: number
  source?: Source
}

/** What the volume stands on; replaced by tests. */
export interface Ground {
  openFile(path: string): VolumeFile
  boot: string
  punch: Punch
}

export function thisHost(): Ground {
  return { openFile: openVolumeFile, boot: bootId(), punch: punchHole }
}

/** Why a request failed, as its client may know it; the volume's `fault` tells people more. */
export class VolumeFault extends Error {
  readonly code: 'ENOSPC' | 'EIO'
  constructor(code: 'ENOSPC' | 'EIO', message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'VolumeFault'
    this.code = code
  }
}

const ZEROS = Buffer.alloc(1024 * 1024)
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export class Volume {
  readonly #pieceBytes: number
  readonly #overlay: VolumeFile
  readonly #map: PieceMap
  readonly #below: SharedBlocks
  readonly #holes: Holes
  /** For what surrounds the data of a first write. */
  readonly #headRoom: Buffer
  readonly #tailRoom: Buffer
  #sizeBytes: number
  /** At first unknown: a process that died may have written without syncing. */
  #overlayDirty = true
  #faults: { space?: string; block?: string; sync?: string; other?: string } = {}

  constructor({ folder, sizeBytes, pieceBytes, source }: OpenVolume, ground: Ground = thisHost()) {
    this.#sizeBytes = sizeBytes
    this.#pieceBytes = pieceBytes
    this.#headRoom = Buffer.alloc(pieceBytes)
    this.#tailRoom = Buffer.alloc(pieceBytes)
    this.#below = new SharedBlocks(source)
    this.#overlay = ground.openFile(join(folder, 'overlay'))
    const changes = new ChangeLog(ground.openFile(join(folder, 'changes')), ground.boot)
    this.#map = new PieceMap(ground.openFile(join(folder, 'map')), changes, this.#pieceAfter(sizeBytes))
    this.#holes = new Holes({ path: join(folder, 'overlay'), pieceBytes, punch: ground.punch })
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** What is wrong, for people; undefined when nothing is. */
  get fault(): string | undefined {
    return this.#faults.sync ?? this.#faults.block ?? this.#faults.space ?? this.#faults.other
  }

  /** Fills `into` from `start` to `end` with the volume's bytes from `offset` on. */
  read(into: Buffer, start: number, end: number, offset: number): void {
    this.#checkRange(offset, end - start)
    this.#attempt(() => {
      const pieceEnd = this.#pieceAfter(offset + end - start)
      let at = start
      while (at < end) {
        const position = offset + at - start
        const piece = Math.floor(position / this.#pieceBytes)
        const runEnd = this.#map.runEnd(piece, pieceEnd) * this.#pieceBytes
        const partEnd = Math.min(end, start + runEnd - offset)
        const state = this.#map.at(piece)
        if (state === OWN) this.#overlay.read(into, at, partEnd, position)
        else if (state === BELOW) this.#below.read(into, at, partEnd, position)
        else into.fill(0, at, partEnd)
        at = partEnd
      }
    })
  }

  /** Writes `data`, which is `length` bytes in one or more buffers. */
  write(data: readonly Buffer[], length: number, offset: number): void {
    this.#checkRange(offset, length)
    if (length === 0) return
    this.#attempt(() => {
      this.#put(data, length, offset)
      this.#faults.space = undefined
      if (this.#map.wantsFlush) this.#makeDurable()
    })
  }

  /** Makes a range zeros; with `allocate` it keeps its space, so that writing there later cannot fail for want of it. */
  writeZeroes(offset: number, length: number, { allocate }: { allocate: boolean }): void {
    this.#checkRange(offset, length)
    this.#attempt(() => {
      if (allocate) {
        this.#putZeros(offset, length)
        return
      }
      const { first, end, headEnd, tailStart } = this.#wholePieces(offset, length)
      if (headEnd > offset) this.#zeroEdge(offset, headEnd - offset)
      this.#dropPieces(first, end)
      if (tailStart < offset + length) this.#zeroEdge(tailStart, offset + length - tailStart)
    })
  }

  /** Gives up the whole pieces in a range: they read as zeros and take no space. Parts of pieces stay as they are. */
  trim(offset: number, length: number): void {
    this.#checkRange(offset, length)
    this.#attempt(() => {
      const { first, end } = this.#wholePieces(offset, length)
      this.#dropPieces(first, end)
    })
  }

  /** Answers when everything written so far is durable. */
  flush(): void {
    this.#attempt(() => this.#makeDurable())
    this.#holes.punchWhen('many', this.#map, this.#pieceAfter(this.#sizeBytes))
  }

  grow(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) throw new RangeError('a volume cannot shrink')
    this.#attempt(() => {
      if (this.#overlay.sizeBytes() < sizeBytes) this.#overlay.resize(sizeBytes)
      this.#map.grow(this.#pieceAfter(sizeBytes))
      this.#sizeBytes = sizeBytes
    })
  }

  /** Flushes and lets go of the files, also when flushing fails. */
  close(): void {
    try {
      this.flush()
      this.#holes.punchWhen('any', this.#map, this.#pieceAfter(this.#sizeBytes))
    } finally {
      this.#overlay.close()
      this.#map.close()
      this.#below.close()
    }
  }

  /** One write to the overlay: the data, with what surrounds it in pieces that become the volume's own. */
  #put(data: readonly Buffer[], length: number, offset: number): void {
    const first = Math.floor(offset / this.#pieceBytes)
    const end = this.#pieceAfter(offset + length)
    this.#overlayDirty = true
    if (this.#map.isAll(first, end, OWN)) {
      this.#overlay.write(data, offset)
      return
    }

    const start = this.#map.at(first) === OWN ? offset : first * this.#pieceBytes
    const dataEnd = offset + length
    const stop = this.#map.at(end - 1) === OWN ? dataEnd : Math.min(end * this.#pieceBytes, this.#sizeBytes)
    const head = this.#surrounding(this.#headRoom, first, start, offset)
    const tail = this.#surrounding(this.#tailRoom, end - 1, dataEnd, stop)
    this.#overlay.write([head, ...data, tail], start)
    this.#map.set(first, end, OWN)
  }

  /** What a piece that is not own holds between two positions. */
  #surrounding(room: Buffer, piece: number, start: number, end: number): Buffer {
    const bytes = room.subarray(0, end - start)
    if (this.#map.at(piece) === ZERO) bytes.fill(0)
    else if (bytes.length > 0) this.#below.read(bytes, 0, bytes.length, start)
    return bytes
  }

  #putZeros(offset: number, length: number): void {
    for (let at = offset; at < offset + length; ) {
      const part = Math.min(ZEROS.length, offset + length - at)
      this.#put([ZEROS.subarray(0, part)], part, at)
      at += part
    }
  }

  /** Zeros in a part of one piece. */
  #zeroEdge(offset: number, length: number): void {
    const state = this.#map.at(Math.floor(offset / this.#pieceBytes))
    const already = state === ZERO || (state === BELOW && this.#below.isZero(offset, length))
    if (!already) this.#putZeros(offset, length)
  }

  /** The whole pieces of a range, and where the parts before and after them end and start. */
  #wholePieces(offset: number, length: number) {
    const rangeEnd = offset + length
    const first = this.#pieceAfter(offset)
    const end = rangeEnd === this.#sizeBytes ? this.#pieceAfter(rangeEnd) : Math.floor(rangeEnd / this.#pieceBytes)
    if (first >= end) {
      const headEnd = Math.min(rangeEnd, first * this.#pieceBytes)
      return { first, end: first, headEnd, tailStart: headEnd }
    }
    return { first, end, headEnd: first * this.#pieceBytes, tailStart: Math.min(rangeEnd, end * this.#pieceBytes) }
  }

  #dropPieces(first: number, end: number): void {
    let piece = first
    while (piece < end) {
      const runEnd = this.#map.runEnd(piece, end)
      const state = this.#map.at(piece)
      if (state === OWN) this.#holes.freed(piece, runEnd)
      const reads = state === BELOW && this.#below.isZero(piece * this.#pieceBytes, (runEnd - piece) * this.#pieceBytes)
      if (state !== ZERO && !reads) this.#map.set(piece, runEnd, ZERO)
      piece = runEnd
    }
  }

  #makeDurable(): void {
    // What was lost by a failed sync is lost: only opening the volume anew, from its last flush, makes it true again.
    if (this.#faults.sync) throw new SyncFailed('the volume', this.#faults.sync)
    if (this.#overlayDirty) {
      this.#overlay.sync()
      this.#overlayDirty = false
    }
    this.#map.save()
  }

  #pieceAfter(position: number): number {
    return Math.ceil(position / this.#pieceBytes)
  }

  #checkRange(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.#sizeBytes) throw new RangeError('outside of the volume')
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw this.#faultOf(error)
    }
  }

  #faultOf(error: unknown): VolumeFault {
    if (error instanceof SyncFailed) {
      this.#faults.sync ??= `${error.message}: release the volume and serve it again`
      this.#map.forgetUnflushed()
      return new VolumeFault('EIO', error.message, error)
    }
    if (error instanceof BlockUnreadable) {
      this.#faults.block = error.message
      return new VolumeFault('EIO', error.message, error)
    }
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== undefined && NO_SPACE.has(code)) {
      this.#faults.space = 'no space is left where volumes are kept'
      return new VolumeFault('ENOSPC', message, error)
    }
    this.#faults.other = `input or output failed: ${message}`
    return new VolumeFault('EIO', message, error)
  }
}
