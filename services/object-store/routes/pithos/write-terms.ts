// What all writes of an object read from the request, and how they answer.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { etagOf } from '../../objects/etag.ts'
import type { WriteTerms, Written } from '../../objects/write.ts'
import type { ObjectStore } from '../../open.ts'
import { reachesBeginning } from '../../reach.ts'
import { answerEmpty } from './answer.ts'
import { writePrecondition } from './conditions.ts'
import { readPublication } from './publication.ts'
import { type PithosRequest, place } from './request.ts'
import { readSharing } from './sharing.ts'

const UNSTATED_TYPE = 'application/octet-stream'

export async function termsOf(request: PithosRequest<'object'>): Promise<WriteTerms> {
  const { store, userId, reach, headers } = request
  const sharing = headers.get('x-object-sharing')
  return {
    place: place(request),
    precondition: writePrecondition(store, headers),
    sharing: sharing === undefined ? undefined : readSharing(sharing),
    publication: await readPublication(headers),
    reachesManifest: (value) => reachesBeginning(reach, userId, request.address.account, value),
  }
}

/** The type that the request states for the object. */
export function statedType({ contentType }: Pick<PithosRequest, 'contentType'>): string {
  if (contentType === undefined)
    throw new Fault('lengthRequired', 'Content-Type is missing: send the type of the data, or an empty one.')
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
