// Secrets of the service: how they are made, what of them is stored, and the keys that come from the one key of the cloud.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto'

/** 32 random bytes as URL-safe base64: 43 characters, the form of every token. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** A secret of letters and digits, for wires that fix the length. 22 of them are 128 bits. */
export const newSecretOf = (characters: number): string => randomFrom(LETTERS_AND_DIGITS, characters)

/** Characters drawn evenly from an alphabet. */
export const randomFrom = (alphabet: string, characters: number): string =>
  Array.from({ length: characters }, () => alphabet[randomInt(alphabet.length)]).join('')

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** What is stored of a secret. A plain hash is enough: there is nothing to guess in 256 random bits. */
export const hashSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer')

/** Keys for one purpose each, derived from the key of the cloud. */
export interface Keys {
  /** Encrypts what must be shown again (AES-256-GCM). `about` binds the text to its place: it opens nowhere else. */
  seal(secret: string, about: string): Buffer
  unseal(sealed: Buffer, about: string): string
  /** A short proof that we wrote `text`. */
  sign(text: string): string
  isSigned(text: string, signature: string): boolean
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `key` is the key of the cloud: 32 random bytes or more, the same in every process. */
export function openKeys(key: Uint8Array): Keys {
  if (key.length < 32) throw new Error(`the key of the cloud has ${key.length} bytes; it needs at least 32`)
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `synnefo identity ${purpose}`, 32))
  const sealing = derive('sealing')
  const signing = derive('signing')
  const mac = (text: string) => createHmac('sha256', signing).update(text).digest()
  return {
    seal(secret, about) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(about))
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text])
    },
    unseal(sealed, about) {
      const nonce = sealed.subarray(0, NONCE_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', sealing, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
    },
    sign: (text) => mac(text).toString('base64url'),
    isSigned(text, signature) {
      const given = Buffer.from(signature, 'base64url')
      const right = mac(text)
      return given.length === right.length && timingSafeEqual(given, right)
    },
  }
}
