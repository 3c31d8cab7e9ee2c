// Object headers and data on their way out.
import { randomBytes } from 'node:crypto'
import type { Log } from '@synnefo/lib/log'
import { descriptorOf } from '@synnefo/lib/socket-io'
import type { FastifyReply } from 'fastify'
import { type ReadableContent, readableOfMap } from '../../content/compose.ts'
import { INLINE_BYTES } from '../../content/content.ts'
import { contentOfManifest } from '../../objects/manifest.ts'
import { checkAvailable, type FoundObject, mapOf, tagOfFound } from '../../objects/read.ts'
import type { ObjectStore } from '../../open.ts'
import type { Metadata } from '../../store/containers.ts'
import { matchesTag, readDate } from './conditions.ts'
import { encodeHeader, encodeMetadata } from './headers.ts'
import { linkHeaders } from './publication.ts'
import { type Range, readRanges } from './ranges.ts'
import { type PithosRequest, untilParam } from './request.ts'
import { beginSending } from './sending.ts'
import { writeSharing } from './sharing.ts'

/** Headers that describe an object. When a version was asked for, what belongs to the path is left out. */
export function describeObject(
  { store, address, params, publicUrl, dataOnly }: PithosRequest<'object'>,
  reply: FastifyReply,
  found: FoundObject,
): void {
  const { version, access, changedAt, manifest, link } = found
  reply.headers({
    ...encodeMetadata(dataOnly ? forBrowsers(version.metadata) : version.metadata),
    ETag: tagOfFound(store, found),
    'Content-Type': version.contentType,
    'Content-Length': String((manifest ?? version).sizeBytes),
    'Last-Modified': changedAt.toUTCString(),
    Available: String(version.available),
    // Whatever is stored here was made by users: a browser must not run it in the name of who looks at it.
    'Content-Security-Policy': "sandbox; default-src 'none'",
  })
  if (dataOnly) return
  reply.headers({
    'X-Object-Hash': version.hash ?? '',
    'X-Object-UUID': version.uuid,
    'X-Object-Modified-By': encodeHeader(version.modifiedBy),
    'X-Object-Version': String(version.id),
    'X-Object-Version-Timestamp': version.createdAt.toUTCString(),
  })
  if (!params.has('version') && untilParam(params, { fractions: true }) === undefined) {
    const { sharing, owner, right } = access
    if (sharing) {
      reply.header('X-Object-Sharing', encodeHeader(writeSharing(sharing)))
      if (sharing.name !== address.name)
        reply.header('X-Object-Shared-By', encodeHeader(`${address.account}/${address.container}/${sharing.name}`))
    }
    if (!owner && right) reply.header('X-Object-Allowed-To', right)
    if (link) reply.headers(linkHeaders(link, publicUrl))
  }
}

/** The metadata without which a browser would not understand the data. */
function forBrowsers(metadata: Metadata): Metadata {
  return Object.fromEntries(
    ['Content-Encoding', 'Content-Disposition'].flatMap((key) => (metadata[key] ? [[key, metadata[key]]] : [])),
  )
}

/** How a browser should treat the data; a page of the cloud never shows it in place. */
export function dispositionOf({ address, params, fromPage }: PithosRequest<'object'>, stored: string | undefined): string {
  const asked = params.get('disposition-type')
  const chosen = asked === 'inline' || asked === 'attachment' ? asked : undefined
  if (stored !== undefined && chosen === undefined && !fromPage) return encodeHeader(stored)
  return attachmentName(fromPage ? 'attachment' : (chosen ?? 'inline'), address.name)
}

/** A Content-Disposition that names a file; of a path, browsers are told the last part. */
export function attachmentName(type: 'inline' | 'attachment', path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these would end the header
  const name = path.replace(/[\\"]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, '_')
  const plain = `${type}; filename="${encodeHeader(name)}"`
  const file = path.slice(path.lastIndexOf('/') + 1)
  // Browsers show what is percent-encoded as it is, unless the name is given in this form too.
  return encodeHeader(file) === file || file.length > 255 ? plain : `${plain}; filename*=UTF-8''${encodeURIComponent(file)}`
}

/** The data of a version, or the ranges of it that were asked for. */
export async function sendData(request: PithosRequest<'object'>, reply: FastifyReply, found: FoundObject): Promise<FastifyReply> {
  const { store, headers } = request
  const { version } = found
  const content = await contentOfFound(store, found)
  const size = content.sizeBytes
  const ranges = rangesStillMeant(request, found) ? readRanges(headers.get('range'), size) : undefined
  const describe = () => {
    describeObject(request, reply, found)
    reply.header('Content-Disposition', dispositionOf(request, version.metadata['Content-Disposition']))
  }
  if (size === 0) {
    await request.beforeData?.(true)
    describe()
    return reply.code(200).send('')
  }
  const [first, ...others] = ranges ?? [{ first: 0, last: size - 1 }]
  const whole = others.length === 0 ? smallContent(found, first!) : undefined
  const begins = !ranges || ranges.some((range) => range.first === 0)
  if (whole) {
    await request.beforeData?.(begins)
    describe()
    if (ranges) reply.headers(rangeHeaders(first!, size))
    return reply.code(ranges ? 206 : 200).send(whole)
  }
  const boundary = randomBytes(16).toString('hex')
  const data = others.length > 0 ? parts(content, ranges!, boundary) : readOrSend(request, content, first!)
  const stream = await beginSending(store, data, request.raw.log as Log)
  try {
    await request.beforeData?.(begins)
  } catch (refusal) {
    stream.destroy()
    throw refusal
  }
  describe()
  if (others.length > 0) {
    reply.removeHeader('Content-Length')
    reply.header('Content-Type', `multipart/byteranges; boundary=${boundary}`)
  } else if (ranges) reply.headers(rangeHeaders(first!, size))
  return reply.code(ranges ? 206 : 200).send(stream)
}

/** Files go to plain connections only: in others their bytes would have to pass through Node. */
function readOrSend({ store, raw }: PithosRequest<'object'>, content: ReadableContent, { first, last }: Range) {
  const plain = store.socketIo && descriptorOf(raw.raw.socket) !== undefined
  return plain && content.send ? content.send(first, last + 1) : content.read(first, last + 1)
}

async function contentOfFound(store: ObjectStore, { version, manifest, map: found }: FoundObject): Promise<ReadableContent> {
  if (manifest) return contentOfManifest(store, manifest)
  checkAvailable(version)
  const map = found ?? (await mapOf(store, version))
  if (version.mapId !== null && !map) throw new Error(`version ${version.id} has no map`)
  return readableOfMap(store, map)
}

const rangeHeaders = ({ first, last }: Range, size: number) => ({
  'Content-Range': `bytes ${first}-${last}/${size}`,
  'Content-Length': String(last - first + 1),
})

/** Content that came with its map needs no stream. */
function smallContent({ map, manifest }: FoundObject, { first, last }: Range): Buffer | undefined {
  if (manifest || !map?.content || map.sizeBytes > INLINE_BYTES) return undefined
  const stored = map.content.subarray(first, last + 1)
  const missing = last + 1 - first - stored.length
  return missing === 0 ? stored : Buffer.concat([stored, Buffer.alloc(missing)]) // trailing zeros are not stored
}

async function* parts(content: ReadableContent, ranges: readonly Range[], boundary: string): AsyncGenerator<Buffer> {
  for (const { first, last } of ranges) {
    const head = `--${boundary}\r\nContent-Range: bytes ${first}-${last}/${content.sizeBytes}\r\nContent-Transfer-Encoding: binary\r\n\r\n`
    const data = content.read(first, last + 1)
    const begun = await data.next() // before its head: what cannot be read is to be known before the reply begins
    yield Buffer.from(head)
    if (!begun.done) yield begun.value
    yield* data
    yield Buffer.from('\r\n')
  }
  yield Buffer.from(`--${boundary}--\r\n`)
}

/** `If-Range`: the ranges count only while the object is what the client has a part of. */
function rangesStillMeant({ store, headers }: PithosRequest<'object'>, found: FoundObject): boolean {
  const given = headers.get('if-range')
  if (!given) return true
  const date = readDate(given)
  if (date !== undefined) return date === Math.floor(found.changedAt.getTime() / 1000) * 1000
  return matchesTag(given, tagOfFound(store, found))
}
