// Changes a part of the data of an object. What is new is received first, wherever it will go; then, taking turns on the
// object, the new content is composed beside the old one and recorded on condition that the object is still the one that
// was read. Whoever loses against another process composes again.
import { Fault } from '@synnefo/lib/fault'
import { containerFor, noObject } from '../access.ts'
import {
  compose,
  joined,
  type Part,
  type ReadableContent,
  readableOfBytes,
  readableOfMap,
  readableOfNew,
} from '../content/compose.ts'
import { INLINE_BYTES } from '../content/content.ts'
import { checksumOf } from '../content/md5.ts'
import { receive } from '../content/receive.ts'
import { possessBlocks } from '../maps.ts'
import { changedMetadata, type MetadataChange } from '../metadata.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { findMap, type Possessor } from '../store/maps.ts'
import { findCurrent, findVersion, type VersionRow } from '../store/versions.ts'
import { checkAttachments } from './attach.ts'
import { MANIFEST } from './manifest-leave.ts'
import { refuseSnapshotData } from './put-version.ts'
import { checkAvailable, findObject } from './read.ts'
import { checkWrite, type WriteTerms, type Written, writeObject } from './write.ts'

/** Where new data goes. */
export interface UpdateRange {
  /** Undefined: at the end. */
  first: number | undefined
  /** Included; undefined: as far as the data reaches. */
  last: number | undefined
  /** What the client believes the size of the object is. */
  total: number | undefined
}

export interface UpdateSource {
  place: Place
  versionId: bigint | undefined
}

export interface UpdateBody {
  body(): AsyncIterable<Buffer>
  /** Undefined when it comes without telling. */
  bytes: number | undefined
  atMostBytes: bigint
}

export interface NewData {
  from: UpdateSource | UpdateBody
  /** Cut the object to this many bytes afterwards. */
  cutBytes: number | undefined
}

export interface DataUpdate extends WriteTerms {
  range: UpdateRange
  /** Asked for when the range is known to fit. */
  data(): NewData
  change: MetadataChange | undefined
  /** Whose blocks those taken from a source count as. */
  possessor: Possessor
}

/** Of all who write one object at once, each commits in one of so many attempts, or the cloud is not well. */
const ATTEMPTS = 50

/** The object is not the one that the new content was made from. */
class Superseded extends Error {}

export async function updateData(store: ObjectStore, userId: string, update: DataUpdate): Promise<Written> {
  const { place, range, possessor } = update
  checkPlace(place)
  const before = await target(store, userId, update)
  const start = startIn(before, range)
  const { from, cutBytes } = update.data()
  const record = (parts: readonly Part[]) =>
    store.turns.take(`${place.account}/${place.container}/${place.name}`, () =>
      spliceInTurn(store, userId, { ...update, parts, cutBytes }),
    )
  if ('place' in from) return record(await openSource(store, userId, from, range, possessor))
  const length = lengthOf(range)
  if (length !== undefined && from.bytes !== undefined && length !== from.bytes) throw wrongLength(length)
  // What is small has arrived already: the write itself checks, and nobody has to wait for memory.
  if (from.bytes !== undefined && from.bytes <= INLINE_BYTES) return record(await receiveParts(store, userId, start, range, from))
  const size = Math.max(Number(before.sizeBytes), start + (length ?? from.bytes ?? 0))
  await checkWrite(store, userId, update, BigInt(Math.min(size, cutBytes ?? size)))
  await store.updates.enter(userId)
  try {
    return await record(await receiveParts(store, userId, start, range, from))
  } finally {
    store.updates.leave(userId)
  }
}

/** An update whose data is there. */
interface Splice extends DataUpdate {
  parts: readonly Part[]
  cutBytes: number | undefined
}

async function spliceInTurn(store: ObjectStore, userId: string, update: Splice): Promise<Written> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await splice(store, userId, update)
    } catch (error) {
      if (!(error instanceof Superseded)) throw error
    }
  }
  throw new Fault('serviceUnavailable', 'Others are changing the object. Try again.', { headers: { 'Retry-After': '1' } })
}

/** The object as it is now, for somebody who may change its data and knows what is there. */
async function target(store: ObjectStore, userId: string, terms: WriteTerms): Promise<VersionRow> {
  const { place, precondition } = terms
  const { container, access } = await containerFor(store.db, userId, place, 'write')
  await checkAttachments(store.db, { containerId: container.id, name: place.name, owner: access.owner }, terms)
  const version = await findCurrent(store.db, container.id, place.name)
  if (!version) throw noObject(place.name)
  precondition(version)
  refuseSnapshotData(version)
  checkAvailable(version)
  return version
}

/** Where the data begins in this version. */
function startIn({ sizeBytes }: VersionRow, { first, last, total }: UpdateRange): number {
  const size = Number(sizeBytes)
  const headers = { 'Content-Range': `bytes */${size}` }
  if (first !== undefined && first > size)
    throw new Fault('rangeNotSatisfiable', `Content-Range begins behind the end of the object, which has ${size} bytes.`, {
      headers,
    })
  if (total !== undefined && (total !== size || (first ?? 0) >= size || (last ?? 0) >= size))
    throw new Fault('rangeNotSatisfiable', `Content-Range does not lie in an object of ${size} bytes.`, { headers })
  return first ?? size
}

function lengthOf({ first, last }: UpdateRange): number | undefined {
  return first !== undefined && last !== undefined ? last - first + 1 : undefined
}

async function openSource(
  store: ObjectStore,
  userId: string,
  { place, versionId }: UpdateSource,
  range: UpdateRange,
  possessor: Possessor,
): Promise<Part[]> {
  const { version } = await findObject(store, userId, place, versionId)
  if (version.isSnapshot) throw new Fault('forbidden', 'The data of a snapshot cannot be a source.')
  checkAvailable(version)
  const size = Number(version.sizeBytes)
  const length = lengthOf(range) ?? size
  if (length > size) throw new Fault('badRequest', `Content-Range is longer than the source object, which has ${size} bytes.`)
  const map = version.mapId === null ? undefined : await findMap(store, version.mapId)
  if (map && !map.content)
    await keepBlocks(store, possessor, version, map.hashes.subarray(0, Math.ceil(length / map.blockSizeBytes) * 32))
  return [{ content: readableOfMap(store, map), from: 0, to: length }]
}

/** Blocks of a source stay, whatever becomes of it before they are part of the target. */
async function keepBlocks(store: ObjectStore, possessor: Possessor, version: VersionRow, hashes: Buffer): Promise<void> {
  const list = Array.from({ length: hashes.length / 32 }, (_, i) => hashes.toString('hex', i * 32, i * 32 + 32))
  await possessBlocks(store, possessor, list)
  if (!(await findVersion(store.db, version.containerId, version.name, version.id))) throw noObject(version.name)
}

function wrongLength(length: number): Fault {
  return new Fault('badRequest', `Content-Range speaks of ${length} bytes, but the body has another length.`)
}

/**
 * The body, cut so that its blocks lie on those of the object if it goes to where the object ends now: what comes before
 * the next boundary in memory, the rest as blocks.
 */
async function receiveParts(
  store: ObjectStore,
  sender: string,
  start: number,
  range: UpdateRange,
  data: UpdateBody,
): Promise<Part[]> {
  const { blockSizeBytes } = store
  const lead = (blockSizeBytes - (start % blockSizeBytes)) % blockSizeBytes
  const { head, rest } = await splitAt(data.body(), lead)
  const { content } = await receive(store, rest, { inline: true, sender, atMostBytes: data.atMostBytes - BigInt(head.length) })
  const pieces: ReadableContent[] = [readableOfBytes(head), readableOfNew(store, content)]
  const received = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const length = lengthOf(range) ?? data.bytes ?? received
  if (received !== length) throw wrongLength(length)
  return pieces.map((piece) => ({ content: piece, from: 0, to: piece.sizeBytes }))
}

/** The first bytes of a body, and what follows them. */
async function splitAt(body: AsyncIterable<Buffer>, bytes: number): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const chunks = body[Symbol.asyncIterator]()
  const head: Buffer[] = []
  let over: Buffer | undefined
  for (let left = bytes; left > 0; ) {
    const { done, value } = await chunks.next()
    if (done) break
    head.push(value.subarray(0, left))
    if (value.length > left) over = value.subarray(left)
    left -= value.length
  }
  async function* rest() {
    if (over) yield over
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  return { head: Buffer.concat(head), rest: rest() }
}

async function splice(store: ObjectStore, userId: string, update: Splice): Promise<Written> {
  const { place, range, parts: added, cutBytes, change, precondition } = update
  const current = await target(store, userId, update)
  const start = startIn(current, range)
  const map = current.mapId === null ? undefined : await findMap(store, current.mapId)
  if (current.mapId !== null && !map) throw new Superseded()
  const old = readableOfMap(store, map)
  const end = start + added.reduce((sum, { from, to }) => sum + to - from, 0)
  const parts = joined([{ content: old, from: 0, to: start }, ...added, { content: old, from: end, to: old.sizeBytes }], cutBytes)
  const content = await compose(store, parts)
  const checksum = await checksumOf(store, content)
  return writeObject(store, userId, {
    ...update,
    content,
    contentType: current.contentType,
    checksum,
    metadata: change ? changedMetadata(current.metadata, change) : current.metadata,
    keepsManifest: change?.items[MANIFEST] === undefined,
    precondition(found) {
      precondition(found)
      if (found?.id !== current.id) throw new Superseded(place.name)
    },
  })
}
