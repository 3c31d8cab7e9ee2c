// Work that a machine does before a form of a visitor is taken: nothing to a person, much to somebody who sends thousands.
// Whoever wants to send asks for a challenge, which we sign and forget; its solution is cheap to check and good once.
import { randomInt } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import { type Challenge, createChallenge, type Solution, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import type { Identity } from '../identity.ts'
import { hashSecret } from '../secrets.ts'
import { spendWork } from '../store/spent-work.ts'

const LIFE_MS = 20 * 60_000

/** Keys are tried until one fits: so many on average, the fewest and the most being not far from it. */
const FEWEST = 50
const MOST = 150

export function newWork(identity: Identity): Promise<Challenge> {
  return createChallenge({
    algorithm: 'PBKDF2/SHA-256',
    cost: identity.settings.ASTAKOS_PROOF_OF_WORK_COST,
    counter: randomInt(FEWEST, MOST + 1),
    deriveKey,
    expiresAt: new Date(Date.now() + LIFE_MS),
    ...secrets(identity),
  })
}

/** Throws `badRequest` unless the work was done for a challenge of ours, in time and for this form only. */
export async function checkWork(identity: Identity, shown: string | undefined): Promise<void> {
  if (shown === undefined) throw new Fault('badRequest', "Field 'work': ask /astakos/ui/api/work for a challenge and solve it")
  const { challenge, solution } = read(shown)
  const expiresAt = challenge.parameters.expiresAt
  const { verified } = await verifySolution({ challenge, solution, deriveKey, ...secrets(identity) }).catch(() => ({
    verified: false,
  }))
  if (!verified || typeof expiresAt !== 'number')
    throw new Fault('badRequest', "Field 'work': this solves no challenge of ours, or came too late")
  // What was solved, not how it is written down.
  const hash = hashSecret(challenge.parameters.nonce)
  if (!(await spendWork(identity.db, hash, new Date(expiresAt * 1000))))
    throw new Fault('badRequest', "Field 'work': this was used before")
}

/** One for the challenge, one for its solution; both come from the key of the cloud. */
const secrets = ({ keys }: Identity) => ({
  hmacSignatureSecret: keys.sign('challenge of work'),
  hmacKeySignatureSecret: keys.sign('solution of work'),
})

function read(shown: string): { challenge: Challenge; solution: Solution } {
  try {
    const { challenge, solution } = JSON.parse(Buffer.from(shown, 'base64').toString('utf8'))
    const { parameters, signature } = challenge
    const isWhole =
      typeof parameters.nonce === 'string' && typeof signature === 'string' && typeof solution.derivedKey === 'string'
    if (isWhole) return { challenge: { parameters, signature }, solution }
  } catch {
    // Said below.
  }
  throw new Fault('badRequest', "Field 'work': this is no solution of a challenge")
}
