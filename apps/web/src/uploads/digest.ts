import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Digest } from './hash.ts'

/** SHA-256 by the browser, which is fastest; browsers have it on HTTPS and on localhost only, elsewhere it is computed here. */
export const digest: Digest =
  globalThis.crypto?.subtle === undefined
    ? (bytes) => bytesToHex(sha256(bytes))
    : async (bytes) => bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
