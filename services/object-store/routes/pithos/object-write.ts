import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { contentOfBlocks, INLINE_BYTES, readHashList } from '../../content/content.ts'
import { checksumOf } from '../../content/md5.ts'
import { receive } from '../../content/receive.ts'
import { checkLastBlock, possessionOf } from '../../maps.ts'
import { type CopyRequest, copyObject, moveObject } from '../../objects/copy.ts'
import { deleteObject } from '../../objects/delete.ts'
import { deleteTree } from '../../objects/delete-many.ts'
import { purgeObject } from '../../objects/purge.ts'
import { copyTree, moveTree } from '../../objects/trees.ts'
import { checkWrite, writeObject } from '../../objects/write.ts'
import { checkObjectReach } from '../../reach.ts'
import { readPathHeader } from './address.ts'
import { answerEmpty, answerJson, chooseFormat } from './answer.ts'
import { EXTRACT, putArchive } from './extract-archive.ts'
import { newMetadata, objectMetadata } from './headers.ts'
import { readVersion } from './object-read.ts'
import { bodyLength, bodyOf, type Handler, LARGEST_BODY, type PithosRequest, place, untilParam } from './request.ts'
import { answerWritten, statedType, termsOf } from './write-terms.ts'

export const putObject: Handler<'object'> = async (request, reply) => {
  const { params, headers } = request
  if (params.has(EXTRACT)) return putArchive(request, reply)
  if (headers.get('x-move-from') !== undefined || headers.get('x-copy-from') !== undefined) return putFromSource(request, reply)
  return params.has('hashmap') ? putHashList(request, reply) : putData(request, reply)
}

async function putData(request: PithosRequest<'object'>, reply: FastifyReply): Promise<FastifyReply> {
  const { store, userId, headers } = request
  const terms = await termsOf(request)
  const metadata = newMetadata(objectMetadata(headers))
  const length = bodyLength(request)
  const contentType = statedType(request)
  // What fits into a packet or two has arrived already; its only check is the one of the write.
  const small = length !== undefined && length <= BigInt(INLINE_BYTES) && headers.get('expect') === undefined
  if (!small) await checkWrite(store, userId, terms, length)
  const expected = headers.get('etag')?.replaceAll('"', '').toLowerCase()
  const { content, md5 } = await receive(store, bodyOf(request, reply), {
    inline: true,
    sender: userId,
    md5: expected !== undefined || store.settings.PITHOS_UPDATE_MD5,
    atMostBytes: LARGEST_BODY,
  })
  if (expected !== undefined && expected !== md5)
    throw new Fault('unprocessableEntity', 'The data does not match the MD5 in ETag.')
  const write = { ...terms, content, contentType, checksum: md5 ?? '', metadata }
  return answerWritten(store, reply, await writeObject(store, userId, write))
}

/** Creates an object of blocks that the cloud has, or answers 409 with the hashes of those that are still to be sent. */
async function putHashList(request: PithosRequest<'object'>, reply: FastifyReply): Promise<FastifyReply> {
  const { store, userId, possessor, headers } = request
  const terms = await termsOf(request)
  const metadata = newMetadata(objectMetadata(headers))
  bodyLength(request)
  const contentType = statedType(request)
  await checkWrite(store, userId, terms, undefined)
  const { sizeBytes, hashes } = readHashList(await readJson(bodyOf(request, reply)), store.blockSizeBytes)
  await checkWrite(store, userId, terms, sizeBytes)
  const listed = contentOfBlocks(sizeBytes, hashes)
  const { missing, known } = await possessionOf(store, possessor, listed)
  if (missing.length > 0) return answerJson(reply, missing, 409)
  if (!known) await checkLastBlock(store, listed)
  const content = { ...listed, known }
  const checksum = await checksumOf(store, content)
  return answerWritten(store, reply, await writeObject(store, userId, { ...terms, content, contentType, checksum, metadata }))
}

/** Hashes of a tebibyte in blocks of 4 MiB take 18 MB. More would keep everybody waiting while it is read and hashed. */
const LARGEST_HASH_LIST = 20 * 1024 * 1024

async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > LARGEST_HASH_LIST) throw new Fault('badRequest', `The hash list is longer than ${LARGEST_HASH_LIST} bytes.`)
  }
  try {
    // No list is so long that its bytes were no exact number; to look for others takes ten times as long.
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new Fault('badRequest', 'The hash list is not JSON.', { cause })
  }
}

/** PUT with the name of a source: a copy or a move to here. */
async function putFromSource(request: PithosRequest<'object'>, reply: FastifyReply): Promise<FastifyReply> {
  const { userId, headers } = request
  bodyLength(request)
  const move = headers.get('x-move-from')
  const header = move === undefined ? 'X-Copy-From' : 'X-Move-From'
  const from = readPathHeader(header, move ?? headers.get('x-copy-from')!, { slash: 'optional' })
  const source = { account: headers.get('x-source-account') ?? userId, ...from }
  return answerTransfer(request, reply, move === undefined ? 'copy' : 'move', { source, destination: place(request) })
}

function toDestination(way: 'copy' | 'move'): Handler<'object'> {
  return async (request, reply) => {
    const { userId, headers } = request
    const to = readPathHeader('Destination', headers.get('destination') ?? '', { slash: 'optional' })
    const destination = { account: headers.get('destination-account') ?? userId, ...to }
    return answerTransfer(request, reply, way, { source: place(request), destination })
  }
}

export const copyObjectRoute = toDestination('copy')
export const moveObjectRoute = toDestination('move')

async function answerTransfer(
  request: PithosRequest<'object'>,
  reply: FastifyReply,
  way: 'copy' | 'move',
  { source, destination }: Pick<CopyRequest, 'source' | 'destination'>,
): Promise<FastifyReply> {
  const { store, userId, reach, headers, params, contentType } = request
  checkObjectReach(reach, userId, source, way === 'move' ? 'write' : 'read')
  checkObjectReach(reach, userId, destination, 'write')
  const { precondition, sharing, publication, reachesManifest } = await termsOf(request)
  const stated = contentType === undefined || params.has('ignore_content_type') ? undefined : statedType(request)
  const transfer: CopyRequest = {
    source,
    destination,
    contentType: contentType === '' ? undefined : stated,
    metadata: objectMetadata(headers),
    sharing,
    publication,
    precondition,
    reachesManifest,
  }
  const sourceVersion = way === 'move' ? undefined : readVersion(headers.get('x-source-version'))
  const delimiter = params.get('delimiter')
  const [object, tree] = way === 'move' ? [moveObject, moveTree] : [copyObject, copyTree]
  const version = delimiter
    ? await tree(store, userId, { ...transfer, sourceVersion, delimiter })
    : await object(store, userId, { ...transfer, sourceVersion })
  reply.header('X-Object-Version', String(version))
  return answerEmpty(reply, 201, chooseFormat(params, headers.get('accept'), 'json'))
}

export const deleteObjectRoute: Handler<'object'> = async (request, reply) => {
  const { store, userId, params } = request
  const until = untilParam(params, { fractions: true })
  const delimiter = params.get('delimiter')
  if (until !== undefined) await purgeObject(store, userId, place(request), until)
  else if (delimiter) await deleteTree(store, userId, place(request), delimiter)
  else await deleteObject(store, userId, place(request))
  return answerEmpty(reply, 204)
}
