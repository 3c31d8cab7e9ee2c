// For tests: a passkey made of nothing but a key pair, which does as a device does, and as one that lies.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface Behaviour {
  /** The page that asks. */
  origin: string
  /** Whether the owner shows that it is him, by PIN or finger. */
  verifies: boolean
  /** What it says it was used until now. */
  counter: number
}

export function openTestAuthenticator(rpId: string, usual: Behaviour) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const credentialId = randomBytes(32)
  const id = credentialId.toString('base64url')
  let userHandle = ''

  const clientData = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))

  /** User present, perhaps verified, perhaps with the new credential attached. */
  function authenticatorData({ verifies, counter }: Behaviour, attached: Buffer = Buffer.alloc(0)) {
    const flags = 0x01 | (verifies ? 0x04 : 0) | (attached.length > 0 ? 0x40 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), count, attached])
  }

  return {
    id,
    create(options: { challenge: string; user: { id: string } }, change: Partial<Behaviour> = {}) {
      const behaviour = { ...usual, ...change }
      userHandle = options.user.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credentialId.length)
      const attached = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(x!, y!)])
      const data = authenticatorData(behaviour, attached)
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(data)],
      ])
      return {
        id,
        rawId: id,
        type: 'public-key' as const,
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', options.challenge, behaviour.origin).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
        },
      }
    },
    get(options: { challenge: string }, change: Partial<Behaviour> = {}) {
      const behaviour = { ...usual, ...change }
      const client = clientData('webauthn.get', options.challenge, behaviour.origin)
      const data = authenticatorData(behaviour)
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return {
        id,
        rawId: id,
        type: 'public-key' as const,
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          ...(userHandle === '' ? {} : { userHandle }),
        },
      }
    },
  }
}

// Just enough CBOR (RFC 8949).
const head = (major: number, n: number) =>
  n < 24
    ? Buffer.from([(major << 5) | n])
    : n < 256
      ? Buffer.from([(major << 5) | 24, n])
      : Buffer.from([(major << 5) | 25, n >> 8, n & 255])
const cborInteger = (n: number) => (n < 0 ? head(1, -1 - n) : head(0, n))
const cborBytes = (bytes: Buffer) => Buffer.concat([head(2, bytes.length), bytes])
const cborText = (text: string) => Buffer.concat([head(3, Buffer.byteLength(text)), Buffer.from(text)])
const cborMap = (pairs: [Buffer, Buffer][]) => Buffer.concat([head(5, pairs.length), ...pairs.flat()])

/** An ES256 key as COSE writes it (RFC 9053). */
const coseKey = (x: string, y: string) =>
  cborMap([
    [cborInteger(1), cborInteger(2)],
    [cborInteger(3), cborInteger(-7)],
    [cborInteger(-1), cborInteger(1)],
    [cborInteger(-2), cborBytes(Buffer.from(x, 'base64url'))],
    [cborInteger(-3), cborBytes(Buffer.from(y, 'base64url'))],
  ])
