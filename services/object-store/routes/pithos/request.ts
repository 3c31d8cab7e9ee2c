import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ObjectStore } from '../../open.ts'
import { type Reach, reachOf } from '../../reach.ts'
import type { Possessor } from '../../store/maps.ts'
import type { Address } from './address.ts'
import { type RequestHeaders, readHeaders } from './headers.ts'

export { bodyOf } from './body.ts'

/** Query parameters; the mere presence of some of them counts. */
export type Params = URLSearchParams

export interface PithosRequest<Level extends Address['level'] = Address['level']> {
  store: ObjectStore
  userId: string
  /** What the token may touch, besides what the person may. */
  reach: Reach
  /** Whose blocks count as sent. */
  possessor: Possessor
  /** A browser stands behind the request: content must not act in the name of its user. */
  fromPage: boolean
  address: Extract<Address, { level: Level }>
  params: Params
  headers: RequestHeaders
  /** For who has no account: data alone, and what a browser needs for it. */
  dataOnly?: boolean
  /** Asked once it is known what goes out, and before it does; `fromFirstByte`: not only a later part. */
  beforeData?(fromFirstByte: boolean): Promise<void>
  /** The address of a public link. */
  publicUrl(id: string): string
  /** Of the body as it was stated; Fastify never sees it. */
  contentType: string | undefined
  raw: FastifyRequest
}

export type Handler<Level extends Address['level']> = (
  request: PithosRequest<Level>,
  reply: FastifyReply,
) => Promise<FastifyReply>

export function readParams(request: FastifyRequest): Params {
  const url = request.raw.url ?? ''
  const at = url.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
}

export function pithosRequest<Level extends Address['level']>(
  store: ObjectStore,
  raw: FastifyRequest,
  address: Extract<Address, { level: Level }>,
  publicUrl: PithosRequest['publicUrl'],
): PithosRequest<Level> {
  const { userId, sessionId, tokenId, scopes } = raw.caller
  const reach = reachOf(scopes)
  const sends = reach.read === undefined ? userId : `${userId}:${tokenId}`
  const { statedType: contentType } = raw
  return {
    store,
    userId,
    reach,
    possessor: { account: userId, sends, within: reach.read },
    fromPage: sessionId !== null,
    address,
    params: readParams(raw),
    headers: readHeaders(raw.headers),
    publicUrl,
    contentType,
    raw,
  }
}

/** A plain non-negative decimal integer; anything else counts as absent. */
export function integerParam(params: Params, name: string): number | undefined {
  const text = params.get(name)
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}

/** The last moment that can be asked for: the end of the year 9999. */
const LATEST_SECONDS = 253_402_300_799

/** A moment in seconds since 1970; anything else counts as absent, as do fractions where they are not taken. */
export function untilParam(params: Params, { fractions }: { fractions: boolean }): number | undefined {
  const text = params.get('until')
  if (text === null || !(fractions ? /^\d{1,15}(\.\d*)?$/ : /^\d{1,15}$/).test(text)) return undefined
  return Math.min(Number(text), LATEST_SECONDS)
}

/** How many entries a listing answers. */
export function listLimit({ params, store }: Pick<PithosRequest, 'params' | 'store'>): number {
  const most = store.settings.PITHOS_API_LIST_LIMIT
  return Math.min(integerParam(params, 'limit') || most, most)
}

/** Bytes of the body; undefined when it comes in chunks, without telling. */
export function bodyLength({ headers }: Pick<PithosRequest, 'headers'>): bigint | undefined {
  if (headers.get('transfer-encoding') !== undefined) return undefined
  const text = headers.get('content-length')
  if (text === undefined) throw new Fault('lengthRequired', 'Content-Length is missing.')
  const length = BigInt(text)
  if (length > LARGEST_BODY) throw new Fault('badRequest', `A request body may hold ${LARGEST_BODY} bytes.`)
  return length
}

/** One request; larger objects are made of hash lists. */
export const LARGEST_BODY = 5n * 1024n ** 3n

export function place({ address: { account, container, name } }: PithosRequest<'object'>) {
  return { account, container, name }
}
