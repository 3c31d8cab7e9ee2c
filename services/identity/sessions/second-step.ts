import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import { askForPasskey } from '../factors/passkeys.ts'
import { type FactorProof, prepareProof, proofLimits } from '../factors/proof.ts'
import type { Identity } from '../identity.ts'
import { hashSecret } from '../secrets.ts'
import { deleteSignInChallenge, findSignInChallenge, noteWrongAnswer, type SignInChallengeRow } from '../store/challenges.ts'
import { countAgainst, forgive } from '../throttle.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { aboutSession, checkMaySignIn, enter, type Started } from './finish-sign-in.ts'
import type { Origin } from './sessions.ts'

/** Wrong answers to one challenge; then the first step has to be taken again. */
const ANSWERS_AT_MOST = 5

/** Completes a sign-in with proof of a second factor. */
export async function takeSecondStep(
  identity: Identity,
  { challenge, proof }: { challenge: string; proof: FactorProof },
  origin: Origin,
): Promise<Started> {
  const waiting = await findWaiting(identity, challenge, origin)
  const limits = proofLimits(identity, 'second step', waiting.uuid, origin.address)
  await countAgainst(identity.db, limits)
  const take = await prepareProof(identity, waiting.userId, proof, 'second-step', origin)
  const started = await identity.db.transaction(async (tx) => {
    const user = await lockPerson(tx, waiting.userId)
    checkMaySignIn(user)
    const reason = await take(tx, user)
    if (reason !== undefined) {
      await noteWrongAnswer(tx, waiting.secretHash, ANSWERS_AT_MOST)
      await audit(tx, { ...aboutSession(user, origin.address), result: `refused: ${reason}` })
      return undefined
    }
    if ((await deleteSignInChallenge(tx, waiting.secretHash)) === 0) throw ended()
    return { user, session: await enter(identity, tx, user, waiting, origin) }
  })
  if (!started) throw new Fault('unauthorized', 'That is not right. Try again.')
  await forgive(identity.db, limits)
  return started
}

/** Asks for one of the passkeys of the person who took the first step. */
export async function askForSecondPasskey(
  identity: Identity,
  challenge: string,
  origin: Origin,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { userId, uuid } = await findWaiting(identity, challenge, origin)
  return askForPasskey(identity, 'second-step', { id: userId, uuid }, origin)
}

const ended = () => new Fault('unauthorized', 'This sign-in took too long or was tried too often. Start again.')

async function findWaiting({ db }: Identity, challenge: string, { address }: Origin): Promise<SignInChallengeRow> {
  const waiting = await findSignInChallenge(db, hashSecret(challenge), address)
  if (!waiting) throw ended()
  return waiting
}
