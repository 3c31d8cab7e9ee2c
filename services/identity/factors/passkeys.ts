// Passkeys (WebAuthn). A device signs a challenge of ours for our address only, so there is nothing that a false page
// could have typed in. The protocol is the library's; here is what is asked, remembered and believed.
import { isIP } from 'node:net'
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { hashSecret } from '../secrets.ts'
import type { Origin } from '../sessions/sessions.ts'
import { insertPasskeyChallenge, type Purpose, takePasskeyChallenge } from '../store/challenges.ts'
import { lockPasskey, type NewPasskey, notePasskeyUse, type PasskeyRow, passkeysOf } from '../store/passkeys.ts'
import type { UserRow } from '../store/users.ts'

const CHALLENGE_SECONDS = 300

/** EdDSA, ES256, RS256 (COSE): what devices have. */
const ALGORITHMS = [-8, -7, -257]

type Owner = Pick<UserRow, 'id' | 'uuid'>

/** Browsers make passkeys for names only, and only where nobody on the way can read along. */
export function passkeysWork(identity: Identity): boolean {
  const { protocol, hostname } = new URL(identity.baseUrl())
  const isName = isIP(hostname) === 0 && !hostname.startsWith('[')
  return isName && (protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost'))
}

function relyingParty(identity: Identity) {
  if (!passkeysWork(identity)) {
    throw new Fault('conflict', `Passkeys need a cloud with a name and encryption; this one is at ${identity.baseUrl()}.`)
  }
  const { hostname, origin } = new URL(identity.baseUrl())
  return { id: hostname, origin }
}

export async function askToRegister(
  identity: Identity,
  user: Owner & Pick<UserRow, 'email' | 'firstName' | 'lastName'>,
  { address }: Origin,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { id: rpID } = relyingParty(identity)
  const known = await passkeysOf(identity.db, user.id)
  const options = await generateRegistrationOptions({
    rpName: identity.settings.BRANDING_SERVICE_NAME,
    rpID,
    userName: user.email,
    userDisplayName: [user.firstName, user.lastName].filter(Boolean).join(' '),
    userID: new TextEncoder().encode(user.uuid),
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(describeCredential),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  })
  await remember(identity, options.challenge, { purpose: 'register', userId: user.id, address })
  return options
}

/** What the device made, verified and ready to be stored; throws `badRequest` when it is not what was asked for. */
export async function readRegistration(
  identity: Identity,
  user: Owner,
  response: RegistrationResponseJSON,
  { address }: Origin,
): Promise<Omit<NewPasskey, 'name'>> {
  const { id, origin } = relyingParty(identity)
  const challenge = await claim(identity, response, { purpose: 'register', userId: user.id, address })
  const refused = (cause?: unknown) => new Fault('badRequest', 'The passkey was not accepted. Try again.', { cause })
  if (challenge === undefined) throw refused()
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: false,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((error: unknown) => {
    throw refused(error)
  })
  if (!verified) throw refused()
  const { credential, credentialBackedUp } = registrationInfo
  return {
    userId: user.id,
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: Buffer.from(credential.publicKey),
    counter: BigInt(credential.counter),
    transports: credential.transports ?? [],
    isSynced: credentialBackedUp,
  }
}

/** Asks for one of the person's passkeys; for any at all when nobody is known yet, and then for who holds it as well. */
export async function askForPasskey(
  identity: Identity,
  purpose: Exclude<Purpose, 'register'>,
  user: Owner | undefined,
  { address }: Origin,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { id: rpID } = relyingParty(identity)
  const known = user ? await passkeysOf(identity.db, user.id) : []
  const options = await generateAuthenticationOptions({
    rpID,
    userVerification: verificationFor(purpose),
    ...(user ? { allowCredentials: known.map(describeCredential) } : {}),
  })
  await remember(identity, options.challenge, { purpose, userId: user?.id ?? null, address })
  return options
}

/** Alone, a passkey has to know that it is its owner who uses it: by PIN, finger or face. */
const verificationFor = (purpose: Purpose) => (purpose === 'sign-in' ? ('required' as const) : ('preferred' as const))

/** An answer whose challenge was ours, for this purpose, and is used up now. */
export interface ClaimedAnswer {
  response: AuthenticationResponseJSON
  challenge: string
  purpose: Purpose
}

/** Uses the challenge up before anything is looked at, so that one challenge never gets two answers. */
export async function claimAnswer(
  identity: Identity,
  response: AuthenticationResponseJSON,
  asked: { purpose: Exclude<Purpose, 'register'>; userId: bigint | null; address: string },
): Promise<ClaimedAnswer | undefined> {
  const challenge = await claim(identity, response, asked)
  return challenge === undefined ? undefined : { response, challenge, purpose: asked.purpose }
}

/** Takes a passkey of this person; answers why not, in words for the record, or nothing when it is good. */
export async function takePasskey(
  identity: Identity,
  tx: Tx,
  user: Owner,
  { response, challenge, purpose }: ClaimedAnswer,
): Promise<string | undefined> {
  const { id, origin } = relyingParty(identity)
  const passkey = await lockPasskey(tx, Buffer.from(response.id, 'base64url'))
  if (passkey?.userId !== user.id) return 'unknown passkey'
  const { userHandle } = response.response
  if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== user.uuid)
    return 'passkey of another person'
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      // Compares the counter too: a smaller one than before means that there is a copy.
      credential: {
        ...describeCredential(passkey),
        publicKey: new Uint8Array(passkey.publicKey),
        counter: Number(passkey.counter),
      },
      requireUserVerification: verificationFor(purpose) === 'required',
    })
    if (!verified) return 'wrong signature of the passkey'
    await notePasskeyUse(tx, passkey.id, BigInt(authenticationInfo.newCounter), authenticationInfo.credentialBackedUp)
    return undefined
  } catch (error) {
    return `passkey refused: ${(error as Error).message}`
  }
}

const describeCredential = ({ credentialId, transports }: PasskeyRow) => ({
  id: credentialId.toString('base64url'),
  transports: transports as AuthenticatorTransport[],
})

interface Asked {
  purpose: Purpose
  userId: bigint | null
  address: string
}

function remember({ db }: Identity, challenge: string, asked: Asked) {
  return insertPasskeyChallenge(db, { ...asked, challengeHash: hashSecret(challenge), lifeSeconds: CHALLENGE_SECONDS })
}

async function claim({ db }: Identity, { response }: { response: { clientDataJSON: string } }, asked: Asked) {
  const challenge = challengeIn(response.clientDataJSON)
  if (challenge === undefined) return undefined
  return (await takePasskeyChallenge(db, { ...asked, challengeHash: hashSecret(challenge) })) ? challenge : undefined
}

function challengeIn(clientDataJSON: string): string | undefined {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as { challenge?: unknown }
    return typeof challenge === 'string' ? challenge : undefined
  } catch {
    return undefined
  }
}
