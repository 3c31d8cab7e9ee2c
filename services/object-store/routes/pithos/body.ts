// Bodies of requests, asked for when a request is authorised.
import { Fault } from '@synnefo/lib/fault'
import { continueBody } from '@synnefo/lib/http'
import type { FastifyReply } from 'fastify'
import type { Body } from '../../content/body.ts'
import { discardRest } from './discard.ts'
import { beginFilling } from './filling.ts'
import type { PithosRequest } from './request.ts'

/** The body. Whoever stops sending it loses the connection after PITHOS_SILENCE_SECONDS. */
export function bodyOf({ raw, store }: Pick<PithosRequest, 'raw' | 'store'>, reply: FastifyReply): Body {
  const stream = raw.raw
  const { socketIo } = store
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
        if (error !== undefined) discardRest(stream)
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

  return {
    eachChunk,
    [Symbol.asyncIterator]: () => chunksOf(eachChunk),
    ...(socketIo && { beginFilling: () => beginFilling({ raw, reply, socketIo, silenceMillis }) }),
  }
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
