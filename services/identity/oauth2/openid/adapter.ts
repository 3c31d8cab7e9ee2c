// Where the provider keeps what it has to remember: our tables. Clients are those of OAuth 2.0; everything else is one
// table of sealed records under hashed ids.
import { parseJson, writeJson } from '@synnefo/lib/json'
import type { Identity } from '../../identity.ts'
import { hashSecret } from '../../secrets.ts'
import { findOAuthClient } from '../../store/oauth2-clients.ts'
import * as store from '../../store/openid.ts'

type Payload = Record<string, unknown>

/** What lets somebody in as a person; it ends when he signs out. An interaction goes on through another sign-in. */
const ENDS_WITH_SESSION = ['Session', 'Grant', 'AccessToken', 'AuthorizationCode']

export function openAdapter(identity: Identity) {
  const { db, keys } = identity
  return (model: string) => {
    if (model === 'Client') return { find: (id: string) => clientMetadata(identity, id) }
    const sealedFor = `openid ${model}`
    const read = (found: store.FoundRecord | undefined): Payload | undefined =>
      found && {
        ...(parseJson(keys.unseal(found.payload, sealedFor)) as Payload),
        ...(found.consumedAt ? { consumed: Math.floor(found.consumedAt.getTime() / 1000) } : {}),
      }
    return {
      async upsert(id: string, payload: Payload, expiresIn: number | undefined) {
        const { uid, grantId, accountId } = payload
        await store.upsertRecord(db, {
          model,
          idHash: hashSecret(id),
          uidHash: typeof uid === 'string' ? hashSecret(uid) : null,
          grantHash: typeof grantId === 'string' ? hashSecret(grantId) : null,
          account: ENDS_WITH_SESSION.includes(model) && typeof accountId === 'string' ? accountId : null,
          payload: keys.seal(writeJson(payload), sealedFor),
          expiresAt: expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
        })
      },
      find: async (id: string) => read(await store.findRecord(db, model, hashSecret(id))),
      findByUid: async (uid: string) => read(await store.findRecordByUid(db, model, hashSecret(uid))),
      /** Only device logins of the provider have one; ours are elsewhere. */
      findByUserCode: async () => undefined,
      async consume(id: string) {
        await store.consumeRecord(db, model, hashSecret(id))
      },
      async destroy(id: string) {
        await store.deleteRecord(db, model, hashSecret(id))
      },
      async revokeByGrantId(grantId: string) {
        await store.deleteRecordsOfGrant(db, hashSecret(grantId))
      },
    }
  }
}

/** Names of metadata that only we know. */
export const OWN_METADATA = {
  redirectUrls: 'synnefo_redirect_urls',
  trusted: 'synnefo_trusted',
  secretHash: 'synnefo_secret_hash',
}

async function clientMetadata({ db }: Identity, identifier: string) {
  const client = identifier.includes('\0') ? undefined : await findOAuthClient(db, identifier)
  if (!client) return undefined
  const isPublic = client.type === 'public'
  return {
    client_id: client.identifier,
    // Where people may be sent back to, and whether a secret is right, is decided by rules of our own (provider.ts).
    redirect_uris: ['https://decided.invalid/'],
    ...(isPublic ? {} : { client_secret: 'decided by its hash' }),
    token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    [OWN_METADATA.redirectUrls]: client.redirectUrls,
    [OWN_METADATA.trusted]: client.isTrusted,
    [OWN_METADATA.secretHash]: client.secretHash,
  }
}
