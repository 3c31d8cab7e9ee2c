// Encryption of blocks at rest: AES-256 in counter mode, with a key for each block that is made of the cloud's key and of
// the block's name. A name stands for one content, so that no two contents meet the same key stream; any part can be read
// on its own; and equal blocks stay equal, so that they are stored once. Whether a block is what its name says is told by
// the hash of its content, as without encryption.
import { createCipheriv, createHmac, hkdfSync } from 'node:crypto'

/** What encrypts also decrypts. */
export interface Cipher {
  readonly key: Uint8Array
  /** Hex. Tells keys apart without telling them. */
  readonly check: string
  /** Bytes from `offset` on of the block of that name, en- or decrypted, in memory of their own. */
  apply(hash: string, data: Uint8Array, offset?: number): Buffer
  /** The same into other memory, or in place. */
  applyInto(hash: string, data: Uint8Array, offset: number, into: Uint8Array): void
}

const KEY_BYTES = 32
const COUNTED_BYTES = 16
/** What is encrypted fits into the caches of a processor until it is copied. */
const CHUNK_BYTES = 64 * 1024
const NOTHING = Buffer.alloc(COUNTED_BYTES)

/** The key of blocks, made of the secret of the cloud. */
export function blockKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'synnefo blocks', KEY_BYTES))
}

export function openCipher(key: Uint8Array): Cipher {
  if (key.length !== KEY_BYTES) throw new TypeError(`a key of blocks has ${KEY_BYTES} bytes, not ${key.length}`)
  let last = ''
  let keyOfLast = NOTHING
  function keyOf(hash: string): Buffer {
    if (hash !== last) {
      keyOfLast = createHmac('sha256', key).update(hash, 'hex').digest()
      last = hash
    }
    return keyOfLast
  }

  function streamFrom(hash: string, offset: number) {
    const counter = Buffer.alloc(COUNTED_BYTES)
    counter.writeBigUInt64BE(BigInt(Math.floor(offset / COUNTED_BYTES)), 8)
    const stream = createCipheriv('aes-256-ctr', keyOf(hash), counter)
    const before = offset % COUNTED_BYTES
    if (before > 0) stream.update(NOTHING.subarray(0, before))
    return stream
  }

  return {
    key,
    check: createHmac('sha256', key).update('synnefo blocks check').digest('hex'),
    apply: (hash, data, offset = 0) => streamFrom(hash, offset).update(data),
    applyInto(hash, data, offset, into) {
      const stream = streamFrom(hash, offset)
      for (let at = 0; at < data.length; at += CHUNK_BYTES) into.set(stream.update(data.subarray(at, at + CHUNK_BYTES)), at)
    },
  }
}
