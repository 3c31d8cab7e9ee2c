// What all writes of an object read from the request, and how they answer.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { etagOf } from '../../objects/etag.ts'
import type { WriteTerms, Written } from '../../objects/write.ts'
import type { ObjectStore } from '../../open.ts'
import { answerEmpty } from './answer.ts'
import { writePrecondition } from './conditions.ts'
import { type PithosRequest, place } from './request.ts'
import { readSharing } from './sharing.ts'

const UNSTATED_TYPE = 'application/octet-stream'

export function termsOf(request: PithosRequest<'object'>): WriteTerms {
  const { store, headers } = request
  const sharing = headers.get('x-object-sharing')
  checkPublic(headers.get('x-object-public'))
  return {
    place: place(request),
    precondition: writePrecondition(store, headers),
    sharing: sharing === undefined ? undefined : readSharing(sharing),
  }
}

/** Saying that an object is not public is always right here: nothing is. */
function checkPublic(value: string | undefined): void {
  const wanted = value?.replaceAll(' ', '').toLowerCase()
  if (wanted === 'true') throw new Fault('notImplemented', 'Public links are not available.')
  if (wanted !== undefined && wanted !== 'false' && wanted !== '')
    throw new Fault('badRequest', 'X-Object-Public is neither true nor false.')
}

/** The type that the request states for the object. */
export function statedType({ contentType }: Pick<PithosRequest, 'contentType'>): string {
  if (contentType === undefined) throw new Fault('lengthRequired', 'Content-Type is missing.')
  return typeOfObject(contentType)
}

/** The type of an object whose sender says this about it; it is kept as it stands. */
export function typeOfObject(stated: string): string {
  if (/[^\x20-\x7e]/.test(stated)) throw new Fault('badRequest', 'Content-Type holds characters that are not ASCII.')
  return stated === '' ? UNSTATED_TYPE : stated
}

export function answerWritten(store: ObjectStore, reply: FastifyReply, written: Written): FastifyReply {
  describeWritten(store, reply, written)
  return answerEmpty(reply, 201)
}

export function describeWritten(store: ObjectStore, reply: FastifyReply, written: Written): void {
  const { versionId, createdAt } = written
  reply.headers({
    ETag: etagOf(store, written),
    'X-Object-Version': String(versionId),
    'Last-Modified': createdAt.toUTCString(),
  })
}
