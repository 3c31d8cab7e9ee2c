// Data on its way to a client. Pieces go to the socket as they are, and their memory is used again when the system has
// taken them over; parts of files are sent by the system itself.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { BlockDamaged, BlockMissing } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import type { Log } from '@synnefo/lib/log'
import { descriptorOf } from '@synnefo/lib/socket-io'
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
  /** Settles when no piece is used any more. */
  #fed: Promise<void> = Promise.resolve()

  constructor(store: ObjectStore, pieces: Pieces, first: IteratorResult<Buffer | FilePart>, log: Log) {
    super({ read() {} })
    this.#store = store
    this.#pieces = pieces
    this.#first = first
    this.#log = log
  }

  override pipe<T extends NodeJS.WritableStream>(to: T): T {
    const reply = to as unknown as ServerResponse
    this.#fed = this.#feed(reply)
    this.#fed.then(
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
    // Counts as silence only while nothing at all is taken.
    reply.socket?.setTimeout(silenceMillis)
    try {
      for (let piece = this.#first; !piece.done; piece = await this.#pieces.next()) {
        if (Buffer.isBuffer(piece.value)) {
          await taken(reply, piece.value)
          this.#store.pieces.giveBack(piece.value)
        } else await this.#sendFile(reply, piece.value, silenceMillis)
      }
    } finally {
      reply.socket?.setTimeout(0)
    }
  }

  async #sendFile(reply: ServerResponse, { file, from, bytes }: FilePart, silenceMillis: number): Promise<void> {
    await taken(reply, NOTHING) // all that is before it, the head too, and all of the replies before this one
    const { socket } = reply
    const descriptor = socket ? descriptorOf(socket) : undefined
    if (descriptor === undefined) throw clientGone()
    if (reply.chunkedEncoding) throw new Error('a file is no chunk of a reply')
    const abandon = () => this.#abandoned.abort(clientGone())
    reply.once('close', abandon)
    socket!.setTimeout(0) // Node sees nothing move: the thread counts the silence
    try {
      const { signal } = this.#abandoned
      await this.#store.socketIo!.sendFile(descriptor, file, from, bytes, { silenceMillis, signal })
    } finally {
      reply.off('close', abandon)
      socket!.setTimeout(silenceMillis)
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#abandoned.abort(error ?? clientGone())
    // Not before: a file that is closed while it is sent could become another one under the same number.
    const giveUp = () => this.#pieces.return(undefined).catch(() => undefined)
    void this.#fed.then(giveUp, giveUp)
    done(error)
  }
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
