// The keys with which ID tokens are signed: made when they are first needed, sealed in the database, replaced after a
// while, and still shown for some days so that what they signed can be checked.
import { generateKeyPair, type JsonWebKey } from 'node:crypto'
import { promisify } from 'node:util'
import { parseJson, writeJson } from '@synnefo/lib/json'
import { audit } from '../../audit.ts'
import type { Identity } from '../../identity.ts'
import { newSecretOf } from '../../secrets.ts'
import {
  deleteReplacedOpenIdKeys,
  insertOpenIdKey,
  listOpenIdKeys,
  lockOpenIdKeys,
  type OpenIdKeyRow,
} from '../../store/openid.ts'

const makePair = promisify(generateKeyPair)
const RSA_BITS = 2048
const DAY_MS = 86_400_000
const SHOWN_AFTER_DAYS = 7

export interface SigningKey extends JsonWebKey {
  kid: string
}

/** The key to sign with, and after it those that are still shown. */
export async function signingKeys(identity: Identity): Promise<SigningKey[]> {
  let rows = await listOpenIdKeys(identity.db)
  if (isDue(identity, rows)) rows = await replaceKey(identity)
  return rows.map(({ kid, privateKeySealed }) => ({
    ...(parseJson(identity.keys.unseal(privateKeySealed, sealedFor(kid))) as JsonWebKey),
    kid,
    alg: 'RS256',
    use: 'sig',
  }))
}

const sealedFor = (kid: string) => `openid key ${kid}`

function isDue({ settings }: Identity, [newest]: readonly OpenIdKeyRow[]): boolean {
  return newest === undefined || newest.createdAt.getTime() < Date.now() - settings.OPENID_KEY_DAYS * DAY_MS
}

async function replaceKey(identity: Identity): Promise<OpenIdKeyRow[]> {
  const { privateKey } = await makePair('rsa', { modulusLength: RSA_BITS })
  const kid = newSecretOf(16)
  const sealed = identity.keys.seal(writeJson(privateKey.export({ format: 'jwk' })), sealedFor(kid))
  return identity.db.transaction(async (tx) => {
    await lockOpenIdKeys(tx)
    // Another process may have made one meanwhile.
    if (isDue(identity, await listOpenIdKeys(tx))) {
      await insertOpenIdKey(tx, kid, sealed)
      await audit(tx, { service: 'identity', actor: 'identity', action: 'openid-key-make', target: `openid-key:${kid}` })
    }
    await deleteReplacedOpenIdKeys(tx, SHOWN_AFTER_DAYS)
    return listOpenIdKeys(tx)
  })
}
