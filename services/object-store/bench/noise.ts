// Bytes that no store has seen before and that do not compress: random ones, with a new number in every 4 KiB.
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'

const CHUNK_BYTES = 1024 * 1024
const NUMBERED_BYTES = 4096

const run = randomBytes(8).readBigUInt64LE()
let numbered = 0n
/** Pairs of chunks that nobody is sending. */
const spare: Buffer[][] = []

function renumber(chunk: Buffer): void {
  for (let at = 0; at + 8 <= chunk.length; at += NUMBERED_BYTES) {
    chunk.writeBigUInt64LE(BigInt.asUintN(64, run + numbered), at)
    numbered += 1n
  }
}

const pair = () => spare.pop() ?? [randomBytes(CHUNK_BYTES), randomBytes(CHUNK_BYTES)]

/** Up to a mebibyte. */
export function noise(bytes: number): Buffer {
  const chunks = pair()
  const part = chunks[0]!.subarray(0, bytes)
  renumber(part)
  spare.push(chunks)
  return Buffer.from(part)
}

/** Writes as the socket takes it, as long as it is wanted: one chunk is numbered while the other is on its way. */
export async function sendNoise(socket: Socket, bytes: number, isWanted: () => boolean): Promise<void> {
  const chunks = pair()
  const written = [Promise.resolve(), Promise.resolve()]
  for (let at = 0, turn = 0; at < bytes && isWanted() && !socket.destroyed; turn = 1 - turn) {
    await written[turn]
    const part = chunks[turn]!.subarray(0, Math.min(CHUNK_BYTES, bytes - at))
    renumber(part)
    at += part.length
    written[turn] = new Promise((done) => void socket.write(part, () => done()))
  }
  await Promise.all(written)
  spare.push(chunks)
}
