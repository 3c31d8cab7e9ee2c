// Parts of this cloud that ask people who they are, like every other client. They register themselves, trusted, when they are
// first used; their secrets come from the key of the cloud, so nobody has to keep them.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { addRedirectUrl, deleteOAuthClient, findOAuthClient } from '../store/oauth2-clients.ts'
import { checkPassword } from '../users/password-hash.ts'
import { addOAuthClient, prepareOAuthClient } from './clients.ts'

export interface ClientCredentials {
  identifier: string
  secret: string
}

/** The client of this name, registered with this address to go back to. */
export async function ensureOwnClient(identity: Identity, identifier: string, redirectUrl: string): Promise<ClientCredentials> {
  const { db, keys } = identity
  const secret = keys.sign(`secret of own oauth2 client ${identifier}`)
  const found = await findOAuthClient(db, identifier)
  const isOurs = found !== undefined && (await checkPassword(secret, found.secretHash)).matches
  if (isOurs && found.redirectUrls.includes(redirectUrl)) return { identifier, secret }
  const redirectUrls = [...(isOurs ? found.redirectUrls : []), redirectUrl]
  const client = isOurs
    ? undefined
    : await prepareOAuthClient({ identifier, type: 'confidential', secret, isTrusted: true, redirectUrls })
  try {
    await db.transaction(async (tx) => {
      if (!client) await addRedirectUrl(tx, found!.id, redirectUrl)
      else if (found) await deleteOAuthClient(tx, found.id) // of another key of the cloud
      if (client) await addOAuthClient(tx, client)
    })
  } catch (error) {
    if (!(error instanceof Fault && error.kind === 'conflict')) throw error // another process registers it at this moment
  }
  return { identifier, secret }
}
