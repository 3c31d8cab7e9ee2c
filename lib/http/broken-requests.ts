// What is no request at HTTP level: there is no route, so no dialect, that could answer.
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Log } from '../log/index.ts'

interface BrokenRequest {
  code: number
  message: string
}

/** By the codes of Node's parser; all that is not here is answered as what cannot be read. */
const KNOWN: Readonly<Record<string, BrokenRequest>> = {
  HPE_HEADER_OVERFLOW: { code: 431, message: 'The headers of the request are longer than 64 KiB together.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { code: 413, message: 'The extensions of a chunk of the body are longer than 16 KiB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 408, message: 'The headers of the request did not come in time.' },
  HPE_INVALID_METHOD: { code: 400, message: 'The request begins with no method that is known.' },
  HPE_INVALID_URL: { code: 400, message: 'The address holds a character that has to be percent-encoded.' },
  HPE_INVALID_HEADER_TOKEN: { code: 400, message: 'A header has a name or a value with a character that may not be there.' },
  HPE_INVALID_CONTENT_LENGTH: { code: 400, message: 'Content-Length is no number of bytes.' },
  HPE_UNEXPECTED_CONTENT_LENGTH: { code: 400, message: 'Content-Length is given twice, or beside Transfer-Encoding.' },
  HPE_INVALID_TRANSFER_ENCODING: { code: 400, message: 'Transfer-Encoding is not chunked, or is given beside Content-Length.' },
  HPE_INVALID_CHUNK_SIZE: { code: 400, message: 'The body is not in chunks as Transfer-Encoding says.' },
}

const UNREADABLE: BrokenRequest = { code: 400, message: 'This is no HTTP request that can be read.' }

/** Tells the client what is wrong, unless an answer is on its way already, and ends the connection: where the next request begins is unknown. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, log: Log): void {
  if (socket.destroyed) return
  const { code, message } = KNOWN[error.code ?? ''] ?? UNREADABLE
  // Node keeps the answer that the connection is busy with here; its own handling of such errors looks at the same.
  const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) return void socket.destroy()
  log.debug({ error: error.code ?? error.message, code }, 'a request that cannot be read')
  const body = `${message}\n`
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    Date: new Date().toUTCString(),
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\n${lines.join('')}\r\n${body}`)
  socket.destroySoon()
}
