// The consoles of a server without a browser: WebSockets that carry the serial line as text and the screen as RFB.
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { OnTestFinished } from '@synnefo/lib/testing'
import type { TextScreen } from './dialogue.ts'

async function openSocket(url: string, onTestFinished: OnTestFinished): Promise<WebSocket> {
  const socket = new WebSocket(url, ['binary'])
  socket.binaryType = 'arraybuffer'
  onTestFinished(() => socket.close())
  await once(socket, 'open')
  return socket
}

/** `url` is what the console action of the serial line answered. */
export async function openSerialLine(url: string, onTestFinished: OnTestFinished): Promise<TextScreen> {
  const socket = await openSocket(url, onTestFinished)
  let text = ''
  socket.addEventListener('message', ({ data }) => {
    text += Buffer.from(data as ArrayBuffer).toString()
  })
  return { text: () => stripVTControlCharacters(text), type: (typed) => socket.send(Buffer.from(typed)) }
}

export interface Picture {
  width: number
  height: number
  /** Different pixel values: 1 is a blank screen. */
  colours: number
}

const SECURITY_NONE = 1
const RAW_ENCODING = 0
const PIXEL_BYTES = 4

/** Looks at the screen of a server once (RFC 6143). */
export async function lookAtScreen(url: string, onTestFinished: OnTestFinished): Promise<Picture> {
  const socket = await openSocket(url, onTestFinished)
  const input = new PassThrough()
  socket.addEventListener('message', ({ data }) => void input.write(Buffer.from(data as ArrayBuffer)))
  socket.addEventListener('close', () => void input.end())
  /** Takes what is there piece by piece: a stream that holds a part of what is waited for says 'readable' without end. */
  const read = async (bytes: number): Promise<Buffer> => {
    const pieces: Buffer[] = []
    for (let missing = bytes; missing > 0; ) {
      const piece = input.read(Math.min(missing, input.readableLength)) as Buffer | null
      if (piece === null || piece.length === 0) {
        if (input.readableEnded) throw new Error('the console was closed')
        await once(input, 'readable')
      } else {
        pieces.push(piece)
        missing -= piece.length
      }
    }
    return Buffer.concat(pieces)
  }
  socket.send(await read(12)) // the same version
  const types = await read((await read(1))[0]!)
  if (!types.includes(SECURITY_NONE)) throw new Error('the console asks for a password')
  socket.send(Buffer.from([SECURITY_NONE]))
  if ((await read(4)).readUInt32BE(0) !== 0) throw new Error('the console let nobody in')
  socket.send(Buffer.from([1])) // shared with others
  const init = await read(24)
  const [width, height] = [init.readUInt16BE(0), init.readUInt16BE(2)]
  await read(init.readUInt32BE(20)) // its name
  if (init[4] !== PIXEL_BYTES * 8) throw new Error(`the screen has ${init[4]} bits per pixel`)

  const request = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]) // all of it, whether it changed or not
  request.writeUInt16BE(width, 6)
  request.writeUInt16BE(height, 8)
  socket.send(request)
  const update = await read(4)
  if (update[0] !== 0) throw new Error(`message ${update[0]} instead of a picture`)
  const colours = new Set<number>()
  for (let rectangle = 0; rectangle < update.readUInt16BE(2); rectangle += 1) {
    const head = await read(12)
    if (head.readInt32BE(8) !== RAW_ENCODING) continue
    const pixels = await read(head.readUInt16BE(4) * head.readUInt16BE(6) * PIXEL_BYTES)
    for (let at = 0; at < pixels.length; at += PIXEL_BYTES) colours.add(pixels.readUInt32LE(at))
  }
  socket.close()
  return { width, height, colours: colours.size }
}
