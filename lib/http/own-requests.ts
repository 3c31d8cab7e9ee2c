// Requests that this process makes of itself: through its own routes, as anybody's, but without a connection. They need no
// address under which the process reaches itself, nor a proxy's certificate, and cannot wait for themselves.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { App } from './server.ts'

const MARK = 'x-own-request'
const SECRET = randomBytes(32)

export interface OwnRequest {
  method: string
  /** Path and query. */
  url: string
  headers: Record<string, string | string[] | undefined>
  body?: string | Readable | undefined
  /** Of the client in whose name this is asked. */
  address: string
}

export interface OwnAnswer {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  body: Readable
}

export async function askOwn(app: Pick<App, 'inject'>, { method, url, headers, body, address }: OwnRequest): Promise<OwnAnswer> {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
  const answer = await app.inject({
    method: method as 'GET',
    url,
    headers: { ...given, [MARK]: SECRET.toString('base64url') } as Record<string, string>,
    ...(body === undefined ? {} : { payload: body }),
    remoteAddress: address,
    payloadAsStream: true,
  })
  return { status: answer.statusCode, headers: answer.headers, body: answer.stream() }
}

/** Whether this process asks itself: then nobody listens on the way. */
export function isOwnRequest({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const shown = headers[MARK]
  if (typeof shown !== 'string') return false
  const mark = Buffer.from(shown, 'base64url')
  return mark.length === SECRET.length && timingSafeEqual(mark, SECRET)
}
