// The server's side of the RFB handshake with VNC authentication (RFC 6143 §7.1–7.2.2), put in front of a stream that
// asks for none: machines' screens lie on private sockets, and only the person who was handed the password may enter.
import { createCipheriv, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Duplex } from 'node:stream'

const VERSION = 'RFB 003.008\n'
const NONE = 1
const VNC_AUTHENTICATION = 2
const REASON = 'The password is wrong.'

/**
 * Reads exactly so many bytes, and leaves the rest to others. Takes what is there piece by piece: a stream that holds
 * a part of what is waited for says 'readable' again and again, and nothing else would get a turn.
 */
export async function readExactly(stream: Duplex, length: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let missing = length; missing > 0; ) {
    const piece = stream.read(Math.min(missing, stream.readableLength)) as Buffer | null
    if (piece !== null && piece.length > 0) {
      pieces.push(piece)
      missing -= piece.length
      continue
    }
    if (stream.readableEnded || stream.destroyed) throw new Error('the other side of the console hung up')
    const { promise, resolve } = Promise.withResolvers<void>()
    const events = ['readable', 'end', 'close', 'error'] as const
    for (const event of events) stream.once(event, resolve)
    await promise
    for (const event of events) stream.off(event, resolve)
  }
  return Buffer.concat(pieces)
}

/** Challenges the client; answers whether it knows the password. */
export async function authenticateClient(client: Duplex, password: string): Promise<boolean> {
  client.write(VERSION)
  const version = (await readExactly(client, 12)).toString('latin1')
  const old = version === 'RFB 003.003\n'
  client.write(old ? Buffer.from([0, 0, 0, VNC_AUTHENTICATION]) : Buffer.from([1, VNC_AUTHENTICATION]))
  if (!old && (await readExactly(client, 1))[0] !== VNC_AUTHENTICATION) return false
  const challenge = randomBytes(16)
  client.write(challenge)
  const right = timingSafeEqual(await readExactly(client, 16), encrypt(challenge, password))
  client.write(Buffer.from([0, 0, 0, right ? 0 : 1]))
  if (!right && !old) client.write(Buffer.concat([Buffer.from([0, 0, 0, REASON.length]), Buffer.from(REASON)]))
  return right
}

/** The client's side towards the machine, which asks for no authentication. Afterwards both wait for ClientInit. */
export async function enterMachine(machine: Duplex): Promise<void> {
  await readExactly(machine, 12)
  machine.write(VERSION)
  const count = (await readExactly(machine, 1))[0]!
  const types = await readExactly(machine, count)
  if (!types.includes(NONE)) throw new Error('the screen of the machine asks for authentication')
  machine.write(Buffer.from([NONE]))
  if ((await readExactly(machine, 4)).readUInt32BE(0) !== 0) throw new Error('the screen of the machine refused us')
}

/** DES with the password as key, each byte's bits reversed. One key three times makes triple DES single. */
function encrypt(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8)
  key.set(Buffer.from(password, 'latin1').subarray(0, 8).map(reversed))
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false)
  return Buffer.concat([cipher.update(challenge), cipher.final()])
}

function reversed(byte: number): number {
  let mirrored = 0
  for (let bit = 0; bit < 8; bit += 1) if (byte & (1 << bit)) mirrored |= 0x80 >> bit
  return mirrored
}
