// Takes the rest of a body away from Node, which would copy it through the heap in pieces of 64 KiB, so that somebody
// else can read it from the connection. Afterwards Node goes on with the connection as if it had read the body itself:
// its parser is told of as many bytes as were read, without them. So the request ends, the reply goes out and the next
// request comes as always, and a client that breaks off or is refused is treated as always.
//
// This uses what Node does not promise: that a server's parser hangs at `socket.parser`, that the server stops reading
// while `socket._paused` is set, and that the parser can be fed. Where any of it is not as expected nothing is taken.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Parser {
  /** The request that is being read. */
  incoming: unknown
  /** The parser reads from the connection itself, not from the stream of the socket. */
  _consumed: boolean
  /** Answers how many bytes it took. */
  execute(data: Uint8Array): unknown
  /** Where it keeps the function that it calls with each piece of a body. */
  constructor: { kOnBody?: unknown }
  [callback: number]: unknown
}

type ServerSocket = Omit<Socket, 'destroyed'> & {
  readonly destroyed: boolean
  readonly parser?: Parser | null
  /** Keeps whatever wants the socket to read on from doing so. */
  _paused?: boolean
  /** The reply that may write to it now. */
  readonly _httpMessage?: unknown
  readonly _handle?: { readonly reading?: boolean } | null
}

export interface TakenBody {
  /** What Node had read of it. */
  readonly read: Buffer | null
  /** How many bytes are still to be read from the connection: no more, for what follows is the next request. */
  readonly left: number
  /** Node goes on behind so many bytes. Fails, and the connection is cut, if Node has read from it meanwhile. */
  giveBack(received: number): void
}

/** Never looked at. */
let feed: Buffer | undefined

/**
 * The rest of a body of known length of which nobody has read anything yet; undefined where it must be read by way of
 * the request. Nothing may be written to the reply until it is given back.
 */
export async function takeBody(request: IncomingMessage, response: ServerResponse): Promise<TakenBody | undefined> {
  // Outside of whatever the parser is in the middle of: then all that Node has read is in the request.
  await new Promise((resolve) => setImmediate(resolve))
  const socket = request.socket as ServerSocket
  const { parser } = socket
  const length = Number(request.headers['content-length'])
  if (!parser || !Number.isSafeInteger(length) || request.headers['transfer-encoding'] !== undefined) return undefined
  if (!isUntouched(request) || !isAsExpected(parser, request) || !isIdle(socket, response)) return undefined

  function resume(): void {
    socket._paused = false
    socket.resume()
  }
  socket._paused = true
  socket.pause()
  if (socket._handle?.reading !== false) {
    resume()
    return undefined
  }
  const read = request.read() as Buffer | null
  const { bytesRead } = socket
  function giveBack(received: number): void {
    if (socket.destroyed || socket.parser?.incoming !== request) return
    if (socket.bytesRead !== bytesRead || !skip(parser!, received)) {
      socket.destroy()
      throw new Error('the body of a request was read from two sides')
    }
    resume()
  }
  return { read, left: length - (read?.length ?? 0), giveBack }
}

function isUntouched(request: IncomingMessage): boolean {
  return !request.complete && !request.destroyed && !request.readableDidRead && request.readableFlowing === null
}

function isAsExpected(parser: Parser, request: IncomingMessage): boolean {
  const { kOnBody } = parser.constructor
  const onBody = typeof kOnBody === 'number' ? parser[kOnBody] : undefined
  return parser.incoming === request && parser._consumed === true && typeof parser.execute === 'function' && !!onBody
}

/** Nothing is being written: when that ended, Node would read on. */
function isIdle(socket: ServerSocket, response: ServerResponse): boolean {
  const { _httpMessage, _paused, destroyed, readableLength, writableLength, writableNeedDrain } = socket
  if (destroyed || _httpMessage !== response || response.headersSent) return false
  return _paused === false && readableLength === 0 && writableLength === 0 && !writableNeedDrain
}

/** Tells the parser of bytes of the body that it will not see. */
function skip(parser: Parser, bytes: number): boolean {
  feed ??= Buffer.alloc(1024 * 1024)
  const kOnBody = parser.constructor.kOnBody as number
  const onBody = parser[kOnBody]
  parser[kOnBody] = undefined // nobody is to be handed these
  try {
    for (let left = bytes; left > 0; left -= feed.length) {
      const piece = feed.subarray(0, Math.min(left, feed.length))
      if (parser.execute(piece) !== piece.length) return false
    }
    return true
  } finally {
    parser[kOnBody] = onBody
  }
}
