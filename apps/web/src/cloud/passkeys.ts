// Passkeys of this browser. The library that speaks with it is fetched when it is first needed.
import type { PasskeyAnswer, PasskeyQuestion } from '@synnefo/clients/factors'

/** Browsers make passkeys for names only, and only on encrypted pages (or those of this computer). */
export const passkeysPossible = () => 'PublicKeyCredential' in window && !/^[\d.]+$|^\[/.test(location.hostname)

const library = () => import('@simplewebauthn/browser')

type Question = Parameters<Awaited<ReturnType<typeof library>>['startAuthentication']>[0]['optionsJSON']
type NewQuestion = Parameters<Awaited<ReturnType<typeof library>>['startRegistration']>[0]['optionsJSON']

export async function showPasskey(ask: () => Promise<PasskeyQuestion>): Promise<PasskeyAnswer> {
  const [{ startAuthentication }, question] = await Promise.all([library(), ask()])
  return startAuthentication({ optionsJSON: question as unknown as Question }).catch(retold)
}

export async function makePasskey(ask: () => Promise<PasskeyQuestion>): Promise<PasskeyAnswer> {
  const [{ startRegistration }, question] = await Promise.all([library(), ask()])
  return startRegistration({ optionsJSON: question as unknown as NewQuestion }).catch(retold)
}

/**
 * Waits until the person picks a passkey among what the browser offers at the name field; undefined where it offers none,
 * or when nobody wants one any more before the offer is made.
 */
export async function offeredPasskey(
  ask: () => Promise<PasskeyQuestion>,
  isWanted: () => boolean,
): Promise<PasskeyAnswer | undefined> {
  const { startAuthentication, browserSupportsWebAuthnAutofill } = await library()
  if (!(await browserSupportsWebAuthnAutofill())) return undefined
  const question = (await ask()) as unknown as Question
  if (!isWanted()) return undefined // an offer would end the one that took its place
  return startAuthentication({ optionsJSON: question, useBrowserAutofill: true }).catch(() => undefined) // it was only an offer
}

/** Ends what `offeredPasskey` waits for. */
export async function stopOffering(): Promise<void> {
  const { WebAuthnAbortService } = await library()
  WebAuthnAbortService.cancelCeremony()
}

/** Browsers word a closed dialog for programmers. */
function retold(error: unknown): never {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError') throw new Error('No passkey was shown: the dialog was closed or took too long.')
  if (name === 'InvalidStateError') throw new Error('This device has a passkey for your account already.')
  throw error
}
