// Codes of an authenticator app (RFC 6238): six digits every thirty seconds, from a secret that the app was shown once.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import { Secret, TOTP } from 'otpauth'
import type { Identity } from '../identity.ts'
import { deleteTotp, findTotp, lockTotp, noteTotpStep, proposeTotp } from '../store/factors.ts'
import type { UserRow } from '../store/users.ts'

const DIGITS = 6
const PERIOD_SECONDS = 30
/** 160 bits, as the standard recommends. */
const SECRET_BYTES = 20
/** Clocks differ: the step before and the one after are taken too. */
const STEPS_AROUND = 1

type Owner = Pick<UserRow, 'id' | 'uuid'>

const sealedFor = ({ uuid }: Owner) => `totp of ${uuid}`

export interface ProposedTotp {
  /** For typing, in base32. */
  secret: string
  /** For the app, as a QR code: `otpauth://totp/…`. */
  url: string
}

/** Makes the secret and shows it, this once. It counts from the first code on; until then it can be made anew. */
export async function proposeTotpFor(identity: Identity, tx: Tx, user: Owner & { email: string }): Promise<ProposedTotp> {
  if ((await findTotp(tx, user.id))?.confirmedAt) {
    throw new Fault('conflict', 'An authenticator app is set up already. Remove it before you set up another one.')
  }
  const secret = new Secret({ size: SECRET_BYTES })
  await proposeTotp(tx, user.id, identity.keys.seal(secret.base32, sealedFor(user)))
  const { BRANDING_SERVICE_NAME: issuer } = identity.settings
  const totp = new TOTP({ issuer, label: user.email, secret, digits: DIGITS, period: PERIOD_SECONDS })
  return { secret: secret.base32, url: totp.toString() }
}

/** Takes a code; answers whether it is right and was not taken before. */
export async function takeTotpCode(
  identity: Identity,
  tx: Tx,
  user: Owner,
  code: string,
  { confirming = false }: { confirming?: boolean } = {},
): Promise<boolean> {
  const row = await lockTotp(tx, user.id)
  if (!row || (row.confirmedAt !== null) === confirming) return false
  const secret = Secret.fromBase32(identity.keys.unseal(row.secretSealed, sealedFor(user)))
  const token = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return false
  const now = Date.now()
  // The library compares in constant time.
  const delta = TOTP.validate({ token, secret, digits: DIGITS, period: PERIOD_SECONDS, timestamp: now, window: STEPS_AROUND })
  if (delta === null) return false
  const step = BigInt(TOTP.counter({ period: PERIOD_SECONDS, timestamp: now }) + delta)
  if (step <= row.lastStep) return false
  await noteTotpStep(tx, user.id, step)
  return true
}

/** Throws `itemNotFound` when there is none. */
export async function removeTotp(tx: Tx, { id }: Owner): Promise<void> {
  if ((await deleteTotp(tx, id)) === 0) throw new Fault('itemNotFound', 'No authenticator app is set up.')
}
