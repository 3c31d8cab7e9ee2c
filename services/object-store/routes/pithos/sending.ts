// Data on its way to a client. Pieces go to the socket as they are, and their memory is used again when the system has
// taken them over; parts of files are sent by the system itself.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { BlockDamaged, BlockMissing } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import type { Log } from '@synnefo/lib/log'
import { descriptorOf, type HeldSocket } from '@synnefo/lib/socket-io'
import type { FilePart } from '../../content/send.ts'
import type { ObjectStore } from '../../open.ts'
import { noteDamage } from '../../upkeep/scrub.ts'

type Pieces = AsyncGenerator<Buffer | FilePart>

const NOTHING = Buffer.alloc(0)

/**
 * Has the first piece before the reply begins, so that data which cannot be read is a fault and not a broken reply.
 * Later the connection is cut.
 */
export async function beginSending(store: ObjectStore, pieces: Pieces, log: Log): Promise<Sending> {
  try {
    return new Sending(store, pieces, await pieces.next(), log)
  } catch (error) {
    await noteUnreadable(store, error, log)
    throw readFault(error)
  }
}

/** What Fastify sends: a stream that feeds the reply itself. */
export class Sending extends Readable {
  readonly #store: ObjectStore
  readonly #pieces: Pieces
  readonly #first: IteratorResult<Buffer | FilePart>
  readonly #log: Log
  readonly #abandoned = new AbortController()
  /** From here on what came first is in the hands of `#feed`. */
  #fed = false

  constructor(store: ObjectStore, pieces: Pieces, first: IteratorResult<Buffer | FilePart>, log: Log) {
    super({ read() {} })
    this.#store = store
    this.#pieces = pieces
    this.#first = first
    this.#log = log
  }

  override pipe<T extends NodeJS.WritableStream>(to: T): T {
    const reply = to as unknown as ServerResponse
    this.#fed = true
    this.#feed(reply).then(
      () => {
        reply.end()
        this.push(null)
        this.resume() // nobody reads here: it only has to end
      },
      async (error) => {
        await noteUnreadable(this.#store, error, this.#log)
        this.destroy(error)
      },
    )
    return to
  }

  async #feed(reply: ServerResponse): Promise<void> {
    const silenceMillis = this.#store.settings.PITHOS_SILENCE_SECONDS * 1000
    const abandon = () => this.#abandoned.abort(clientGone())
    reply.once('close', abandon)
    let held: HeldSocket | undefined
    /** A file on its way, while the next one is got ready. */
    let underWay: Promise<void> | undefined
    try {
      for (let piece = this.#first; !piece.done; piece = await this.#pieces.next()) {
        if (Buffer.isBuffer(piece.value)) {
          await underWay
          reply.socket?.setTimeout(silenceMillis) // counts as silence only while nothing at all is taken
          await taken(reply, piece.value)
          this.#store.pieces.giveBack(piece.value)
        } else {
          const before = underWay
          held ??= await this.#hold(reply).catch(closing(piece.value))
          const sending = this.#sendFile(held, piece.value, silenceMillis)
          reply.socket?.setTimeout(0) // Node sees nothing move: the thread counts the silence
          underWay = Promise.all([before, sending]).then(() => {})
          underWay.catch(() => {}) // seen below
          await before
        }
      }
      await underWay
    } finally {
      await underWay?.catch(() => {})
      held?.release()
      reply.off('close', abandon)
      reply.socket?.setTimeout(0)
    }
  }

  /** When all that is before it is with the system: the head too, and all of the replies before this one. */
  async #hold(reply: ServerResponse): Promise<HeldSocket> {
    await taken(reply, NOTHING)
    const { socket } = reply
    const descriptor = socket ? descriptorOf(socket) : undefined
    if (descriptor === undefined) throw clientGone()
    if (reply.chunkedEncoding) throw new Error('a file is no chunk of a reply')
    return this.#store.socketIo!.hold(descriptor)
  }

  async #sendFile(held: HeldSocket, part: FilePart, silenceMillis: number): Promise<void> {
    try {
      await held.sendFile(part.file, part.from, part.bytes, { silenceMillis, signal: this.#abandoned.signal })
    } finally {
      await part.close() // not before: its number could come to mean another file while it is sent
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#abandoned.abort(error ?? clientGone())
    void this.#pieces.return(undefined).catch(() => undefined)
    if (!this.#fed && !this.#first.done && !Buffer.isBuffer(this.#first.value)) void this.#first.value.close()
    done(error)
  }
}

/** What came is given up with it. */
const closing = (part: FilePart) => async (error: unknown) => {
  await part.close()
  throw error
}

const clientGone = () => new Error('the client went away')

/** Answers when the system has taken it over. Fails when the client is gone. */
function taken(reply: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(clientGone())
    if (reply.destroyed) return gone()
    reply.once('close', gone)
    reply.write(piece, (error) => {
      reply.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}

function readFault(error: unknown): unknown {
  if (!isUnreadable(error)) return error
  const message = 'The data cannot be read: a part of it is damaged or missing on the disk. The administrator was told.'
  return new Fault('internalServerError', message, { cause: error })
}

function isUnreadable(error: unknown): error is BlockDamaged | BlockMissing {
  return error instanceof BlockDamaged || error instanceof BlockMissing
}

/** A damaged block is kept apart at once, so that the next upload of the content heals it. */
async function noteUnreadable(store: ObjectStore, error: unknown, log: Log): Promise<void> {
  if (!isUnreadable(error)) return
  try {
    if (error instanceof BlockDamaged) await store.blocks.quarantine(error.hash)
    await noteDamage(store, error.hash, error instanceof BlockDamaged ? 'damaged' : 'missing', log)
  } catch (failure) {
    log.error({ error: failure, block: error.hash }, 'an unreadable block could not be noted')
  }
}
