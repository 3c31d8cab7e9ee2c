// Laws of what a volume is after a crash, tried on files whose unsynced sectors may or may not have reached the disk.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChangeLog } from './change-log.ts'
import { SyncFailed, type VolumeFile } from './files.ts'
import { PIECES_PER_PAGE, PieceMap } from './piece-map.ts'
import { OWN, ZERO } from './piece-states.ts'
import { type Ground, Volume } from './volume.ts'

const SECTOR = 512
const PIECE = 4096
const BLOCK = 64 * 1024
const SECTORS = 40 * 8 + 3 // the last piece is not whole
const SOURCE_SECTORS = 24 * 8 + 5

class Died extends Error {}

/** A disk under a page cache: what was written is read back at once, and is on the disk for certain after a sync. */
class CachedFile {
  cached = Buffer.alloc(0)
  /** What each sector may be on the disk: its state at the last sync, or after any write since. */
  possible = new Map<number, Buffer[]>()
  durable = Buffer.alloc(0)

  write(bytes: Buffer, position: number) {
    this.resize(Math.max(this.cached.length, position + bytes.length))
    bytes.copy(this.cached, position)
    const end = Math.ceil((position + bytes.length) / SECTOR)
    for (let sector = Math.floor(position / SECTOR); sector < end; sector += 1) {
      const versions = this.possible.get(sector) ?? [part(this.durable, sector)]
      this.possible.set(sector, [...versions, part(this.cached, sector)])
    }
  }

  resize(bytes: number) {
    const old = this.cached
    this.cached = Buffer.alloc(bytes)
    old.copy(this.cached)
  }

  sync() {
    this.durable = Buffer.from(this.cached)
    this.possible.clear()
  }

  /** Loses power: `pick` says which version of each unsynced sector was on the disk. */
  lose(pick: (versions: number) => number) {
    const disk = Buffer.alloc(this.cached.length)
    this.durable.copy(disk)
    for (const [sector, versions] of this.possible) versions[pick(versions.length)]!.copy(disk, sector * SECTOR)
    this.cached = disk
    this.sync()
  }
}

function part(bytes: Buffer, sector: number): Buffer {
  const copy = Buffer.alloc(SECTOR)
  bytes.subarray(sector * SECTOR, (sector + 1) * SECTOR).copy(copy)
  return copy
}

/** Sectors are written full of one value; reads the value of each. */
const FULL_OF = Array.from({ length: 256 }, (_, value) => Buffer.alloc(SECTOR, value))
function valuesOf(bytes: Buffer): number[] {
  return Array.from({ length: SECTORS }, (_, sector) => {
    const value = bytes[sector * SECTOR]!
    if (bytes.compare(FULL_OF[value]!, 0, SECTOR, sector * SECTOR, (sector + 1) * SECTOR) !== 0)
      throw new Error(`sector ${sector} is torn`)
    return value
  })
}

/** Files of one volume and a process that may die between any two calls. */
class Machine {
  readonly files = new Map<string, CachedFile>()
  callsLeft = Number.POSITIVE_INFINITY
  failSyncOf: string | undefined
  boot = 0

  ground(): Ground {
    return {
      boot: `boot-${this.boot}`,
      openFile: (path) => this.open(basename(path)),
      punch: (path, offset, length) => {
        this.call()
        this.files.get(basename(path))!.write(Buffer.alloc(length), offset)
        return true
      },
    }
  }

  open(name: string): VolumeFile {
    const file = this.files.get(name) ?? new CachedFile()
    this.files.set(name, file)
    return {
      read(into, start, end, position) {
        into.fill(0, start, end)
        file.cached.subarray(position, position + end - start).copy(into, start)
      },
      write: (buffers, position) => {
        this.call()
        file.write(Buffer.concat(buffers), position)
      },
      sync: () => {
        this.call()
        if (this.failSyncOf === name) {
          file.possible.clear() // the kernel's way: the pages count as clean, and the disk has what it had
          throw new SyncFailed(name, new Error('EIO'))
        }
        file.sync()
      },
      sizeBytes: () => file.cached.length,
      resize: (bytes) => {
        this.call()
        file.resize(bytes)
      },
      close: () => {},
    }
  }

  call() {
    this.callsLeft -= 1
    if (this.callsLeft < 0) throw new Died()
  }

  losePower(pick: (versions: number) => number) {
    this.boot += 1
    for (const file of this.files.values()) file.lose(pick)
  }
}

const range = fc
  .tuple(fc.nat(SECTORS - 1), fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(SECTORS)))
  .map(([first, count]) => ({ first, count: Math.min(count, SECTORS - first) }))
const step = fc.record({
  kind: fc.constantFrom('write', 'write', 'write', 'zeroes', 'allocate', 'trim', 'flush', 'flush', 'kill', 'power'),
  range,
  /** The process dies at this call to a file, if the step makes so many. */
  diesAt: fc.option(fc.nat(6), { nil: undefined, freq: 6 }),
  diesOf: fc.constantFrom('kill', 'power'),
  seed: fc.nat(),
})

function source() {
  const folder = mkdtempSync(join(tmpdir(), 'volumes-'))
  const bytes = Buffer.alloc(SOURCE_SECTORS * SECTOR)
  for (let sector = 0; sector < SOURCE_SECTORS; sector += 1)
    bytes.fill(sourceByte(sector), sector * SECTOR, (sector + 1) * SECTOR)
  bytes.fill(0, 0, BLOCK) // the first block is the zero block
  const blockPaths: string[] = ['']
  for (let at = BLOCK; at < bytes.length; at += BLOCK) {
    const path = join(folder, `${at}`)
    writeFileSync(path, bytes.subarray(at, at + BLOCK))
    blockPaths.push(path)
  }
  const spec = { sizeBytes: bytes.length, blockSizeBytes: BLOCK, blockPaths }
  return { spec, bytes, remove: () => rmSync(folder, { recursive: true }) }
}

const sourceByte = (sector: number) => 200 + (sector % 50)

function pickBy(seed: number) {
  let state = seed
  return (versions: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % versions
  }
}

test('after a crash nothing acknowledged is lost with the process, nothing flushed with the power, and no sector is what it never was', ({
  onTestFinished,
}) => {
  const below = source()
  onTestFinished(below.remove)
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const machine = new Machine()
      const opened: Volume[] = []
      const open = () => {
        const spec = { folder: '', sizeBytes: SECTORS * SECTOR, pieceBytes: PIECE, source: below.spec }
        const volume = new Volume(spec, machine.ground())
        opened.push(volume)
        return volume
      }
      let volume = open()
      /** Of each sector, what it may be after a power cut, the last being what it is. */
      const allowed = Array.from({ length: SECTORS }, (_, sector) => [below.bytes[sector * SECTOR] ?? 0])

      const readAll = () => {
        const bytes = Buffer.alloc(SECTORS * SECTOR)
        volume.read(bytes, 0, bytes.length, 0)
        return valuesOf(bytes)
      }
      /** `touched` are the sectors of a step that was not acknowledged. */
      const comeBack = (reason: string, seed: number, touched: Map<number, number>) => {
        machine.callsLeft = Number.POSITIVE_INFINITY
        if (reason === 'power') machine.losePower(pickBy(seed))
        volume = open()
        readAll().forEach((value, sector) => {
          const known = reason === 'power' ? allowed[sector]! : allowed[sector]!.slice(-1)
          const could = touched.has(sector) ? [...known, touched.get(sector)!] : known
          if (!could.includes(value)) throw new Error(`sector ${sector} reads ${value} after ${reason}, not one of ${could}`)
          // A write that nobody acknowledged and nobody sent again may come up until the next flush.
          if (reason === 'power') allowed[sector] = [value]
          else if (touched.has(sector)) allowed[sector]!.push(touched.get(sector)!, value)
        })
      }

      steps.forEach(({ kind, range, diesAt, diesOf, seed }, index) => {
        const offset = range.first * SECTOR
        const length = range.count * SECTOR
        const value = kind === 'write' ? index + 1 : 0
        const touched = new Map<number, number>()
        if (kind !== 'flush') {
          for (let sector = range.first; sector < range.first + range.count; sector += 1) {
            if (kind !== 'trim' || isTrimmed(sector, range)) touched.set(sector, value)
          }
        }
        if (kind === 'kill' || kind === 'power') {
          comeBack(kind, seed, new Map())
          return
        }
        machine.callsLeft = diesAt ?? Number.POSITIVE_INFINITY
        try {
          if (kind === 'write') volume.write([Buffer.alloc(length, value)], length, offset)
          else if (kind === 'trim') volume.trim(offset, length)
          else if (kind === 'flush') volume.flush()
          else volume.writeZeroes(offset, length, { allocate: kind === 'allocate' })
        } catch (error) {
          if (!((error as Error).cause instanceof Died)) throw error
          comeBack(diesOf, seed, touched)
          return
        }
        if (kind === 'flush') for (const [sector, values] of allowed.entries()) allowed[sector] = values.slice(-1)
        for (const [sector, value] of touched) allowed[sector]!.push(value)
      })
      expect(readAll()).toEqual(allowed.map((values) => values.at(-1)))
      for (const each of opened) letGo(each)
    }),
    { numRuns: 600 },
  )
})

/** Of the descriptors of blocks that are really open, also where the rest of it has died. */
function letGo(volume: Volume): void {
  try {
    volume.close()
  } catch {
    // it had a fault, as it should
  }
}

/** A trim gives up whole pieces only. */
function isTrimmed(sector: number, { first, count }: { first: number; count: number }): boolean {
  const start = Math.floor(sector / 8) * 8
  return first <= start && Math.min(start + 8, SECTORS) <= first + count
}

test('after a failed sync no flush succeeds any more, and what was flushed before is there when the volume is opened anew', () => {
  const machine = new Machine()
  const spec = { folder: '', sizeBytes: 64 * PIECE, pieceBytes: PIECE }
  const volume = new Volume(spec, machine.ground())
  volume.write([Buffer.alloc(PIECE, 1)], PIECE, 0)
  volume.flush()
  volume.write([Buffer.alloc(SECTOR, 2)], SECTOR, PIECE)
  machine.failSyncOf = 'overlay'
  expect(() => volume.flush()).toThrow(expect.objectContaining({ code: 'EIO' }))
  machine.failSyncOf = undefined
  expect(() => volume.flush()).toThrow(expect.objectContaining({ code: 'EIO' }))
  expect(volume.fault).toMatch(/could not be made durable/)

  const again = new Volume(spec, machine.ground())
  expect(again.fault).toBeUndefined()
  const bytes = Buffer.alloc(2 * PIECE)
  again.read(bytes, 0, bytes.length, 0)
  expect(bytes.subarray(0, PIECE).equals(Buffer.alloc(PIECE, 1))).toBe(true)
  again.flush()
})

test('a map with both places of a page damaged is not guessed at', () => {
  const machine = new Machine()
  const spec = { folder: '', sizeBytes: 64 * PIECE, pieceBytes: PIECE }
  const volume = new Volume(spec, machine.ground())
  for (const value of [1, 2]) {
    volume.write([Buffer.alloc(PIECE, value)], PIECE, value * PIECE)
    volume.flush()
  }
  const map = machine.files.get('map')!
  map.cached[100]! ^= 1
  new Volume(spec, machine.ground())
  map.cached[4096 + 100]! ^= 1
  expect(() => new Volume(spec, machine.ground())).toThrow(/damaged in both/)
})

test('a full disk refuses writes with ENOSPC, and takes them again when there is space', () => {
  const machine = new Machine()
  const ground = machine.ground()
  let full = false
  const openFile = (path: string): VolumeFile => {
    const file = ground.openFile(path)
    const write: VolumeFile['write'] = (buffers, position) => {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      file.write(buffers, position)
    }
    return { ...file, write }
  }
  const volume = new Volume({ folder: '', sizeBytes: 64 * PIECE, pieceBytes: PIECE }, { ...ground, openFile })
  full = true
  expect(() => volume.write([Buffer.alloc(PIECE, 1)], PIECE, 0)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
  expect(volume.fault).toMatch(/no space/)
  full = false
  volume.write([Buffer.alloc(PIECE, 1)], PIECE, 0)
  volume.flush()
  expect(volume.fault).toBeUndefined()
})

test('a page of the map that is torn by a power cut is as it was at the flush before, or as at this one', () => {
  const pieces = 2 * PIECES_PER_PAGE
  const spans = fc.array(fc.tuple(fc.nat(pieces - 1), fc.integer({ min: 1, max: 9000 })), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(
      fc.array(spans, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 1, max: 2 }),
      (flushes, seed, calls) => {
        const machine = new Machine()
        const open = () =>
          new PieceMap(machine.open('map'), new ChangeLog(machine.open('changes'), `boot-${machine.boot}`), pieces)
        const statesOf = (map: PieceMap) => Array.from({ length: pieces }, (_, piece) => map.at(piece))
        const map = open()
        let before = statesOf(map)
        flushes.forEach((spans, index) => {
          before = statesOf(map)
          for (const [first, count] of spans) map.set(first, Math.min(pieces, first + count), index % 2 === 0 ? OWN : ZERO)
          if (index < flushes.length - 1) map.save()
        })
        const after = statesOf(map)
        machine.callsLeft = calls // dies after the first page, or before the sync
        expect(() => map.save()).toThrow(Died)
        machine.callsLeft = Number.POSITIVE_INFINITY
        machine.losePower(pickBy(seed))
        const found = statesOf(open())
        for (const first of [0, PIECES_PER_PAGE]) {
          const page = (states: number[]) => states.slice(first, first + PIECES_PER_PAGE).join('')
          expect([page(before), page(after)]).toContain(page(found))
        }
      },
    ),
    { numRuns: 60 },
  )
})
