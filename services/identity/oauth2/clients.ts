// Programs that ask people who they are. Trusted ones are not announced to the person; confidential ones show a secret.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { findOAuthClient, insertOAuthClient, type OAuthClientRow } from '../store/oauth2-clients.ts'
import { countAgainst, forgive } from '../throttle.ts'
import { checkPassword, hashPassword } from '../users/password-hash.ts'
import { oauthFault } from './faults.ts'
import { isBelow, normaliseUri } from './redirect-uri.ts'

export interface NewOAuthClient {
  identifier: string
  type: 'confidential' | 'public'
  /** Of a confidential client, as somebody chose it. */
  secret?: string | undefined
  isTrusted: boolean
  /** Absolute; the first is where people go when a request names none. */
  redirectUrls: readonly string[]
}

/** What is to be stored of a new client. Hashing takes a moment: ask before the transaction. Throws `badRequest`. */
export async function prepareOAuthClient(client: NewOAuthClient): Promise<Omit<OAuthClientRow, 'id'>> {
  const { identifier, type, secret, isTrusted, redirectUrls } = client
  if (!/^[\x21-\x7e]{1,255}$/.test(identifier) || identifier.includes(':'))
    throw new Fault('badRequest', 'The identifier of a client has 1 to 255 characters, of ASCII, without blanks and colons')
  if (type === 'confidential' && !secret) throw new Fault('badRequest', 'A confidential client needs a secret')
  if (type === 'public' && secret) throw new Fault('badRequest', 'A public client cannot keep a secret: leave it out')
  if (redirectUrls.length === 0) throw new Fault('badRequest', 'A client needs at least one URL to send people back to')
  const urls = redirectUrls.map((url) => {
    const normal = normaliseUri(url)
    if (normal === undefined) throw new Fault('badRequest', `'${url}' is not an absolute URL without user and fragment`)
    return normal
  })
  const secretHash = secret === undefined || type === 'public' ? null : await hashPassword(secret)
  return { identifier, type, secretHash, isTrusted, redirectUrls: [...new Set(urls)] }
}

export async function addOAuthClient(tx: Tx, client: Omit<OAuthClientRow, 'id'>): Promise<bigint> {
  try {
    return await insertOAuthClient(tx, client)
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('conflict', `There is a client '${client.identifier}' already`)
    throw error
  }
}

/** The client as which a request introduces itself; throws `invalid_client` and says nothing of why. */
export async function knownClient({ db }: Identity, identifier: string): Promise<OAuthClientRow> {
  const client = await findOAuthClient(db, identifier)
  if (!client) throw oauthFault('invalid_client', 'The client is not known, or its credentials are wrong')
  return client
}

const GUESSES_PER_MINUTE = 60

/** Whether this is the secret of a confidential client. Counted, so that it cannot be guessed. */
export async function isClientSecret(
  { db }: Identity,
  { identifier, secretHash }: Pick<OAuthClientRow, 'identifier' | 'secretHash'>,
  secrets: readonly string[],
  address: string,
): Promise<boolean> {
  const limits = [{ key: ['oauth2 client', identifier, address], atMost: GUESSES_PER_MINUTE, windowSeconds: 60 }]
  await countAgainst(db, limits)
  for (const secret of new Set(secrets)) {
    if (!(await checkPassword(secret, secretHash)).matches) continue
    await forgive(db, limits)
    return true
  }
  return false
}

/** Where to send people back to: as asked, when it was registered or lies below, or the first that was registered. */
export function redirectUriFor({ settings }: Identity, client: OAuthClientRow, asked: string | undefined): string {
  if (asked === undefined) return client.redirectUrls[0]!
  const longest = settings.OAUTH2_MAXIMUM_ALLOWED_REDIRECT_URI_LENGTH
  if (asked.length > longest) throw oauthFault('invalid_request', `redirect_uri is longer than ${longest} characters`)
  const uri = normaliseUri(asked)
  if (uri === undefined) throw oauthFault('invalid_request', 'redirect_uri is not an absolute URL without user and fragment')
  if (!client.redirectUrls.some((registered) => isBelow(uri, registered)))
    throw oauthFault('invalid_request', 'redirect_uri is not one that the client registered')
  return uri
}
