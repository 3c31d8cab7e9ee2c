import { ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { noObject } from '../../access.ts'
import { unpackHashes } from '../../content/content.ts'
import { readManifest } from '../../objects/manifest.ts'
import { isOwnersManifest, MANIFEST } from '../../objects/manifest-leave.ts'
import { type FoundObject, findObject, mapOf, tagOfFound, versionsOf } from '../../objects/read.ts'
import { objectAtMoment } from '../../past.ts'
import { shownNames } from '../../reach.ts'
import { answerBody, answerJson, chooseFormat, escapeXml, XML_HEAD } from './answer.ts'
import { ARCHIVE, getArchive } from './archive.ts'
import { isNotModified } from './conditions.ts'
import { describeObject, sendData } from './object-reply.ts'
import { type Handler, type PithosRequest, place, untilParam } from './request.ts'

/** The object or version asked for; undefined when the client has it already and was told so. */
async function lookedFor(
  request: PithosRequest<'object'>,
  reply: FastifyReply,
  { data }: { data: boolean },
): Promise<FoundObject | undefined> {
  const { store, userId, params, headers } = request
  const version = readVersion(params.get('version'))
  const until = version === undefined ? untilParam(params, { fractions: true }) : undefined
  const stored =
    until === undefined
      ? await findObject(store, userId, place(request), version, { data })
      : await objectAtMoment(store, userId, place(request), until)
  const found = { ...stored, ...(await manifestOf(request, stored)) }
  const etag = tagOfFound(store, found)
  if (!isNotModified(headers, { etag, changedAt: found.changedAt })) return found
  reply.code(304).header('ETag', etag)
  return undefined
}

/** What a manifest stands for. Its hash list is its own, and whoever looks at its headers is not told what is wrong with it. */
async function manifestOf(
  { store, userId, reach, address, params, raw, dataOnly }: PithosRequest<'object'>,
  { version }: FoundObject,
): Promise<Pick<FoundObject, 'manifest'>> {
  const value = version.metadata[MANIFEST]
  if (value === undefined) return {}
  if (dataOnly && !isOwnersManifest(version, address.account)) throw noObject(address.name)
  const reader = { userId, reached: (container: string) => shownNames(reach, container) }
  const manifest = readManifest(store, reader, address.account, value)
  if (raw.method !== 'HEAD' && !params.has('hashmap')) return { manifest: await manifest }
  return manifest.then(
    (found) => ({ manifest: found }),
    (error) => {
      if (error instanceof Fault && error.code < 500) return {}
      throw error
    },
  )
}

/** No version has this id. */
const UNKNOWN = -1n

/** What is no id is looked for all the same: whether a version exists is told only to those who may see it. */
export function readVersion(text: string | null | undefined): bigint | undefined {
  if (text === null || text === undefined || text === '') return undefined
  return /^\d{1,18}$/.test(text) ? BigInt(text) : UNKNOWN
}

export const headObject: Handler<'object'> = async (request, reply) => {
  const found = await lookedFor(request, reply, { data: false })
  if (!found) return reply.send()
  describeObject(request, reply, found)
  return reply.code(200).send()
}

export const getObject: Handler<'object'> = async (request, reply) => {
  const { params } = request
  if (params.has(ARCHIVE)) return getArchive(request, reply)
  if (params.get('version') === 'list') return listVersions(request, reply)
  const data = !params.has('hashmap')
  const found = await lookedFor(request, reply, { data })
  if (!found) return reply.send()
  return !data ? sendHashList(request, reply, found) : sendData(request, reply, found)
}

async function listVersions(request: PithosRequest<'object'>, reply: FastifyReply): Promise<FastifyReply> {
  const { store, userId, params, headers, address } = request
  const versions = await versionsOf(store, userId, place(request))
  if (chooseFormat(params, headers.get('accept'), 'json') === 'json')
    return answerJson(reply, { versions: versions.map(({ id, timestamp }) => [id, timestamp]) })
  const elements = versions.map(({ id, timestamp }) => `<version timestamp="${timestamp}">${id}</version>`)
  return answerBody(reply, 'xml', `${XML_HEAD}<object name="${escapeXml(address.name)}">${elements.join('')}</object>`)
}

async function sendHashList(request: PithosRequest<'object'>, reply: FastifyReply, found: FoundObject): Promise<FastifyReply> {
  const { store, params, headers, address } = request
  const { version } = found
  const map = await mapOf(store, version)
  const list = {
    block_hash: 'sha256',
    block_size: map?.blockSizeBytes ?? store.blockSizeBytes,
    bytes: version.sizeBytes,
    hashes: map ? unpackHashes(map.hashes) : [version.hash ?? ZERO_BLOCK],
  }
  describeObject(request, reply, found)
  reply.removeHeader('Content-Length')
  if (chooseFormat(params, headers.get('accept'), 'json') === 'json') return answerJson(reply, list)
  const { bytes, block_size, block_hash, hashes } = list
  const attributes = `name="${escapeXml(address.name)}" bytes="${bytes}" block_size="${block_size}" block_hash="${block_hash}"`
  const elements = hashes.map((hash) => `\n<hash>${hash}</hash>`).join('')
  return answerBody(reply, 'xml', `${XML_HEAD}<object ${attributes}>${elements}</object>`)
}
