// Solves a challenge away from the page, which stays quick meanwhile.
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Challenge, type DeriveKeyFunction, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'

export type SolveAnswer = { work: string } | { failure: string }

const page = self as unknown as { postMessage(answer: SolveAnswer): void }

/** Browsers have it on HTTPS and on localhost only; elsewhere it is computed here. */
const derive: DeriveKeyFunction =
  globalThis.crypto?.subtle === undefined
    ? async ({ cost, keyLength }, salt, password) => ({
        derivedKey: pbkdf2(sha256, password, salt, { c: cost, dkLen: keyLength }),
      })
    : deriveKey

self.onmessage = async ({ data: challenge }: MessageEvent<Challenge>) => {
  try {
    const solution = await solveChallenge({ challenge, deriveKey: derive })
    if (solution === null) throw new Error('it took too long')
    page.postMessage({ work: btoa(JSON.stringify({ challenge, solution })) })
  } catch (error) {
    page.postMessage({ failure: error instanceof Error ? error.message : String(error) })
  }
}
