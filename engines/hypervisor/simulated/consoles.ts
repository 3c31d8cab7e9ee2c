// The consoles of a simulated machine: a terminal at its login prompt, and a screen spoken in RFB 3.8.
import { type Duplex, duplexPair } from 'node:stream'
import { colourAt, HEIGHT, WIDTH } from './picture.ts'

/** Echoes what is typed; Enter asks for a login again. */
export function openSerial(name: string): Duplex {
  const [user, machine] = duplexPair()
  const prompt = `\r\n${name} login: `
  machine.write(`Simulated machine ${name}\r\n${prompt}`)
  machine.on('data', (typed: Buffer) => machine.write(typed.toString().replaceAll(/[\r\n]+/g, prompt)))
  machine.on('error', () => machine.destroy())
  return closeTogether(user, machine)
}

export function openVnc(name: string): Duplex {
  const [viewer, screen] = duplexPair()
  screen.on('error', () => screen.destroy())
  showScreen(screen, name).catch(() => screen.destroy())
  return closeTogether(viewer, screen)
}

function closeTogether(near: Duplex, far: Duplex): Duplex {
  near.once('close', () => far.destroy())
  far.once('close', () => near.destroy())
  return near
}

/** Bytes a client message has after its type; the lists tell their own length. */
const MESSAGE_BYTES: Record<number, number> = { 0: 19, 2: 3, 3: 9, 4: 7, 5: 5, 6: 7 }

async function showScreen(screen: Duplex, name: string): Promise<void> {
  const read = reader(screen)
  screen.write('RFB 003.008\n')
  await read(12)
  screen.write(Buffer.from([1, 1])) // one kind of security: none
  await read(1)
  screen.write(Buffer.alloc(4)) // accepted
  await read(1)
  screen.write(greeting(name))

  let format = { bytesPerPixel: 4, shifts: [16, 8, 0] }
  for (;;) {
    const type = (await read(1))[0]!
    const length = MESSAGE_BYTES[type]
    if (length === undefined) throw new Error(`unknown RFB message ${type}`)
    const body = await read(length)
    if (type === 0) format = { bytesPerPixel: body.readUInt8(3) / 8, shifts: [...body.subarray(13, 16)] }
    if (type === 2) await read(4 * body.readUInt16BE(1))
    if (type === 6) await read(body.readUInt32BE(3))
    const incremental = body[0] === 1
    if (type === 3 && !incremental) screen.write(wholePicture(format))
  }
}

function greeting(name: string): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16BE(WIDTH, 0)
  size.writeUInt16BE(HEIGHT, 2)
  const trueColour32 = Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(name))
  return Buffer.concat([size, trueColour32, length, Buffer.from(name)])
}

function wholePicture({ bytesPerPixel, shifts }: { bytesPerPixel: number; shifts: number[] }): Buffer {
  const header = Buffer.alloc(16) // one rectangle at the origin, raw encoding
  header.writeUInt16BE(1, 2)
  header.writeUInt16BE(WIDTH, 8)
  header.writeUInt16BE(HEIGHT, 10)
  const row = Buffer.alloc(WIDTH * bytesPerPixel)
  for (let x = 0; x < WIDTH; x++) {
    const colour = colourAt(x)
    const [red, green, blue] = [colour >> 16, (colour >> 8) & 255, colour & 255]
    const pixel = ((red << shifts[0]!) | (green << shifts[1]!) | (blue << shifts[2]!)) >>> 0
    if (bytesPerPixel === 4) row.writeUInt32LE(pixel, x * 4)
  }
  return Buffer.concat([header, ...Array<Buffer>(HEIGHT).fill(row)])
}

/** Answers a function that reads exactly so many bytes. */
function reader(stream: Duplex): (bytes: number) => Promise<Buffer> {
  const chunks = stream[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  return async (bytes) => {
    while (rest.length < bytes) {
      const { value, done } = await chunks.next()
      if (done === true) throw new Error('the viewer has gone')
      rest = Buffer.concat([rest, value])
    }
    const taken = rest.subarray(0, bytes)
    rest = rest.subarray(bytes)
    return taken
  }
}
