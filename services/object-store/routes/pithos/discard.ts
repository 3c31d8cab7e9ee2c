import type { IncomingMessage } from 'node:http'

/** Who is refused while he sends may send so much more, for so long, to come to reading why. */
const GOODWILL_BYTES = 16 * 1024 * 1024
const GOODWILL_MILLIS = 5_000

/** An answer reaches only who comes to reading it: a connection that is cut while data arrives takes it along. */
export function discardRest(stream: IncomingMessage): void {
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
