// The screen of a simulated machine: colour bars.
import { crc32, deflateSync } from 'node:zlib'

export const WIDTH = 640
export const HEIGHT = 400

const BARS = [0xc0c0c0, 0xc0c000, 0x00c0c0, 0x00c000, 0xc000c0, 0xc00000, 0x0000c0, 0x101010]

/** Red, green and blue of one pixel as 0xRRGGBB. */
export function colourAt(x: number): number {
  return BARS[Math.floor((x * BARS.length) / WIDTH)]!
}

export function testPicturePng(): Buffer {
  const row = Buffer.alloc(1 + WIDTH * 3) // each row opens with its filter type: 0, none
  for (let x = 0; x < WIDTH; x++) row.writeUIntBE(colourAt(x), 1 + x * 3, 3)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(WIDTH, 0)
  header.writeUInt32BE(HEIGHT, 4)
  header.set([8, 2], 8) // eight bits for each of red, green and blue
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array<Buffer>(HEIGHT).fill(row)))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}
