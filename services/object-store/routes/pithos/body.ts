// Bodies of requests, asked for when a request is authorised.
import { Fault } from '@synnefo/lib/fault'
import { continueBody } from '@synnefo/lib/http'
import type { FastifyReply } from 'fastify'
import type { Body } from '../../content/body.ts'
import type { PithosRequest } from './request.ts'

/** Who is refused while he sends may send so much more, for so long, to come to reading why. */
const GOODWILL_BYTES = 16 * 1024 * 1024
const GOODWILL_MILLIS = 5_000

/** The body. Whoever stops sending it loses the connection after PITHOS_SILENCE_SECONDS. */
export function bodyOf({ raw, store }: Pick<PithosRequest, 'raw' | 'store'>, reply: FastifyReply): Body {
  const stream = raw.raw
  const silenceMillis = store.settings.PITHOS_SILENCE_SECONDS * 1000

  function eachChunk(take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
    continueBody(raw, reply)
    return new Promise((resolve, reject) => {
      let taking: Promise<void> | undefined
      let ended = false
      let over = false
      const silence = setTimeout(() => {
        if (taking)
          silence.refresh() // it is we who let him wait
        else stream.destroy()
      }, silenceMillis)

      function settle(error?: unknown): void {
        if (over) return
        over = true
        clearTimeout(silence)
        stream.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost)
        if (error !== undefined) discardRest()
        if (error === undefined) resolve()
        else reject(error)
      }
      function onData(chunk: Buffer): void {
        silence.refresh()
        try {
          taking = take(chunk)
        } catch (error) {
          settle(error)
        }
        if (!taking) return
        stream.pause()
        taking.then(() => {
          taking = undefined
          silence.refresh()
          if (ended) settle()
          else if (!over) stream.resume()
        }, settle)
      }
      /** Also a stream that is paused ends when nothing is left in it. */
      function onEnd(): void {
        ended = true
        if (!taking) settle()
      }
      function onLost(cause?: unknown): void {
        if (!ended) settle(new Fault('badRequest', 'The body ended before it was complete.', { cause }))
      }

      if (stream.readableEnded) return settle()
      if (stream.destroyed) return onLost(stream.errored)
      stream.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost)
    })
  }

  /** An answer reaches only who comes to reading it: a connection that is cut while data arrives takes it along. */
  function discardRest(): void {
    if (stream.destroyed || stream.readableEnded) return
    let left = GOODWILL_BYTES
    const cut = setTimeout(() => stream.destroy(), GOODWILL_MILLIS).unref()
    stream.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) stream.destroy()
    })
    stream.on('error', () => {}) // nobody is interested any more
    stream.on('close', () => clearTimeout(cut)).on('end', () => clearTimeout(cut))
    stream.resume()
  }

  return { eachChunk, [Symbol.asyncIterator]: () => chunksOf(eachChunk) }
}

/** One chunk after another, each when it is asked for. */
async function* chunksOf(eachChunk: NonNullable<Body['eachChunk']>): AsyncGenerator<Buffer> {
  let offered = Promise.withResolvers<Buffer | undefined>()
  let taken = Promise.withResolvers<void>()
  const over = eachChunk((chunk) => {
    offered.resolve(chunk)
    return taken.promise
  })
  // A body may break off while its last chunk is in use: nobody offers anything after that.
  let failure: { error: unknown } | undefined
  over.then(
    () => offered.resolve(undefined),
    (error) => {
      failure = { error }
      offered.reject(error)
    },
  )
  try {
    for (let chunk = await offered.promise; chunk; chunk = await offered.promise) {
      yield chunk
      if (failure) throw failure.error
      const next = taken
      offered = Promise.withResolvers()
      taken = Promise.withResolvers()
      next.resolve()
    }
  } finally {
    for (const { promise } of [offered, taken]) promise.catch(() => undefined)
    taken.reject(new Error('nobody reads on')) // no effect when it ended
  }
}
