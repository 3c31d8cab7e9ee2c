// An object that names others as its parts: reading it reads them, one after the other in order of their names.
import { createHash } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import { noContainer, notAllowed } from '../access.ts'
import type { ReadableContent } from '../content/compose.ts'
import { type ContentMap, contentOf, sentOf } from '../content/send.ts'
import type { ObjectStore } from '../open.ts'
import { findContainer } from '../store/containers.ts'
import { findMaps } from '../store/maps.ts'
import { listParts, type PartRow } from '../store/parts.ts'
import { etagOf } from './etag.ts'
import { MANIFEST } from './manifest-leave.ts'
import { checkAvailable } from './read.ts'

export interface Manifest {
  sizeBytes: bigint
  /** MD5 of the entity tags of the parts. */
  etag: string
  parts: readonly PartRow[]
}

export interface ManifestReader {
  userId: string
  /** The beginnings of names in a container that the token of the reader reaches; undefined: all. */
  reached?: (container: string) => readonly string[] | undefined
}

const MOST_PARTS = 10_000

/** The parts that `value` names in this account, as far as the reader may read them. */
export async function readManifest(
  store: ObjectStore,
  { userId, reached }: ManifestReader,
  account: string,
  value: string,
): Promise<Manifest> {
  const [, containerName, prefix] = /^([^/]+)\/(.+)$/s.exec(value) ?? []
  if (containerName === undefined || prefix === undefined)
    throw new Fault('badRequest', `${MANIFEST} of the object is not of the form container/prefix.`)
  const owner = account === userId
  const container = await findContainer(store.db, account, containerName)
  if (!container) throw owner ? noContainer(containerName) : notAllowed()
  const beginnings = reached?.(containerName)
  if (beginnings?.length === 0) throw notAllowed()
  const parts = await listParts(store.db, {
    containerId: container.id,
    prefix,
    readableBy: owner ? undefined : userId,
    beginnings,
    limit: MOST_PARTS + 1,
  })
  if (parts.length === 0 && !owner) throw notAllowed()
  if (parts.length > MOST_PARTS) throw new Fault('badRequest', `The object has more than ${MOST_PARTS} parts.`)
  const tags = createHash('md5')
  for (const part of parts) tags.update(etagOf(store, part))
  return { sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n), etag: tags.digest('hex'), parts }
}

/** Parts whose maps are looked up together. */
const AT_ONCE = 32

/** The data of all parts as one. */
export function contentOfManifest(store: ObjectStore, { parts, sizeBytes }: Manifest): ReadableContent {
  const filled = parts.filter((part) => part.sizeBytes > 0n)
  return {
    sizeBytes: Number(sizeBytes),
    blockAt: () => undefined,
    read: (from, to) => dataOf(store, filled, from, to, contentOf),
    send: (from, to) => dataOf(store, filled, from, to, sentOf),
  }
}

type Read<Piece> = (store: ObjectStore, map: ContentMap, from: number, to: number) => AsyncGenerator<Piece>

async function* dataOf<Piece>(
  store: ObjectStore,
  parts: readonly PartRow[],
  from: number,
  to: number,
  read: Read<Piece>,
): AsyncGenerator<Piece> {
  let start = 0
  const wanted: { part: PartRow; from: number; to: number }[] = []
  for (const part of parts) {
    const end = start + Number(part.sizeBytes)
    if (end > from && start < to) wanted.push({ part, from: Math.max(from - start, 0), to: Math.min(to, end) - start })
    start = end
  }
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const batch = wanted.slice(at, at + AT_ONCE)
    for (const { part } of batch) checkAvailable(part)
    const maps = await findMaps(
      store,
      batch.map(({ part }) => part.mapId!),
    )
    const byId = new Map(maps.map((map) => [map.id, map]))
    for (const { part, ...range } of batch) {
      const map = byId.get(part.mapId!)
      if (!map) throw new Error('a part of a manifest was removed while it was read')
      yield* read(store, map, range.from, range.to)
    }
  }
}
