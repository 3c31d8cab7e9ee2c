// Signing in with a passkey alone: it says who it is, and that its owner unlocked it.
import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import { askForPasskey, claimAnswer, takePasskey } from '../factors/passkeys.ts'
import type { Identity } from '../identity.ts'
import { findPasskey } from '../store/passkeys.ts'
import { countAgainst, type Limit } from '../throttle.ts'
import { lockPerson } from '../users/lifecycle.ts'
import { aboutSession, finishSignIn, type Started } from './finish-sign-in.ts'
import type { Origin } from './sessions.ts'

/** A page asks for a challenge each time it is opened, so that browsers can offer passkeys by themselves. */
const asksFrom = (address: string): Limit => ({ key: ['passkey from', address], atMost: 240, windowSeconds: 60, isRate: true })

export async function askForAnyPasskey(identity: Identity, origin: Origin): Promise<PublicKeyCredentialRequestOptionsJSON> {
  await countAgainst(identity.db, [asksFrom(origin.address)])
  return askForPasskey(identity, 'sign-in', undefined, origin)
}

export async function signInByPasskey(
  identity: Identity,
  response: AuthenticationResponseJSON,
  origin: Origin,
): Promise<Started> {
  await countAgainst(identity.db, [asksFrom(origin.address)])
  const answer = await claimAnswer(identity, response, { purpose: 'sign-in', userId: null, address: origin.address })
  const passkey = answer && (await findPasskey(identity.db, Buffer.from(response.id, 'base64url')))
  const outcome =
    passkey &&
    (await identity.db.transaction(async (tx) => {
      const user = await lockPerson(tx, passkey.userId)
      const reason = await takePasskey(identity, tx, user, answer)
      if (reason !== undefined) {
        await audit(tx, { ...aboutSession(user, origin.address), result: `refused: ${reason}` })
        return undefined
      }
      return finishSignIn(identity, tx, user, { module: 'passkey' }, origin)
    }))
  if (!outcome) throw new Fault('unauthorized', 'This passkey is not known here, or was not accepted. Sign in another way.')
  if (!('session' in outcome)) throw new Error('a passkey was asked for a second step')
  return outcome
}
