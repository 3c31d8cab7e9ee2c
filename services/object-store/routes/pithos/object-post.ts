// POST to an object: its metadata, a part of its data, or a form of a browser.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { receive } from '../../content/receive.ts'
import { type NewData, updateData } from '../../objects/update-data.ts'
import { checkWrite, updateObject, writeObject } from '../../objects/write.ts'
import { checkObjectReach } from '../../reach.ts'
import { readPathHeader } from './address.ts'
import { answerBody, answerEmpty, chooseFormat } from './answer.ts'
import { readContentRange } from './content-range.ts'
import { readForm } from './form.ts'
import { metadataChange, objectMetadata } from './headers.ts'
import { readVersion } from './object-read.ts'
import { bodyLength, bodyOf, type Handler, LARGEST_BODY, type PithosRequest, place } from './request.ts'
import { restoreRoute } from './restore.ts'
import { describeWritten, termsOf, typeOfObject } from './write-terms.ts'

export const postObject: Handler<'object'> = async (request, reply) => {
  const { store, userId, headers, params, contentType } = request
  if (params.has('restore')) return restoreRoute(request, reply)
  if (contentType === 'application/octet-stream' || headers.get('x-source-object') !== undefined) return postData(request, reply)
  if (contentType?.toLowerCase().startsWith('multipart/form-data')) return postForm(request, reply, contentType)
  const change = metadataChange(objectMetadata(headers), params.has('update'))
  const version = await updateObject(store, userId, { ...(await termsOf(request)), change })
  if (version !== undefined) reply.header('X-Object-Version', String(version))
  return answerEmpty(reply, 202, chooseFormat(params, headers.get('accept'), 'json'))
}

/** Changes a part of the data; metadata and permissions that are stated change together with it. */
async function postData(request: PithosRequest<'object'>, reply: FastifyReply): Promise<FastifyReply> {
  const { store, userId, possessor, headers, params } = request
  const written = await updateData(store, userId, {
    ...(await termsOf(request)),
    range: readContentRange(headers.get('content-range')),
    change: metadataChange(objectMetadata(headers), params.has('update')),
    possessor,
    data: () => newData(request, reply),
  })
  describeWritten(store, reply, written)
  return answerEmpty(reply, 204, chooseFormat(params, headers.get('accept'), 'json'))
}

function newData(request: PithosRequest<'object'>, reply: FastifyReply): NewData {
  const { headers } = request
  const source = headers.get('x-source-object')
  const from = source === undefined ? bodyData(request, reply) : sourceData(request, source)
  return { from, cutBytes: readBytes(headers.get('x-object-bytes')) }
}

function bodyData(request: PithosRequest<'object'>, reply: FastifyReply) {
  const length = bodyLength(request)
  const bytes = length === undefined ? undefined : Number(length)
  return { body: () => bodyOf(request, reply), bytes, atMostBytes: LARGEST_BODY }
}

function sourceData({ userId, reach, headers }: PithosRequest<'object'>, header: string) {
  const path = readPathHeader('X-Source-Object', header, { slash: 'needed' })
  const place = { account: headers.get('x-source-account') ?? userId, ...path }
  checkObjectReach(reach, userId, place, 'read')
  return { place, versionId: readVersion(headers.get('x-source-version')) }
}

function readBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new Fault('badRequest', 'X-Object-Bytes is not a number of bytes.')
  return Number(text)
}

/** A form of a browser: its file becomes the object. Nothing else that such a request says counts. */
async function postForm(request: PithosRequest<'object'>, reply: FastifyReply, formType: string): Promise<FastifyReply> {
  const { store, userId } = request
  const terms = { place: place(request), precondition: () => undefined, sharing: undefined }
  const length = bodyLength(request)
  await checkWrite(store, userId, terms, undefined)
  const md5 = store.settings.PITHOS_UPDATE_MD5
  const { received, contentType } = await readForm(bodyOf(request, reply), formType, {
    field: 'X-Object-Data',
    async take(data, type) {
      const received = await receive(store, data, { inline: true, sender: userId, md5, atMostBytes: length ?? LARGEST_BODY })
      return { received, contentType: typeOfObject(type ?? '') }
    },
  })
  const checksum = received.md5 ?? ''
  const written = await writeObject(store, userId, { ...terms, content: received.content, contentType, checksum, metadata: {} })
  describeWritten(store, reply, written)
  return answerBody(reply, 'text', checksum, 201)
}
