// A token that a person makes at the page. One without limits is worth the whole account: it needs a fresh proof, and its
// owner is told, who may not be the one who made it.
import { audit } from '../audit.ts'
import { requireFreshProof } from '../factors/proof.ts'
import type { Identity } from '../identity.ts'
import { mailPerson } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import type { Origin } from '../sessions/sessions.ts'
import { lockPerson } from '../users/lifecycle.ts'
import type { Principal } from './authenticate.ts'
import { issueToken, type NewToken } from './tokens.ts'

export async function addOwnToken(
  identity: Identity,
  person: Pick<Principal, 'id' | 'uuid' | 'sessionId'>,
  wanted: { name: string; expiresAt: Date | null; scopes?: readonly string[] },
  { address }: Origin,
): Promise<NewToken> {
  return identity.db.transaction(async (tx) => {
    const user = await lockPerson(tx, person.id)
    const token = await issueToken(tx, user, wanted)
    const { id, name, scopes } = token
    if (scopes === null) {
      await requireFreshProof(identity, tx, person)
      await postMail(identity, tx, {
        to: [user.email],
        template: 'im/token_added.txt',
        variables: { user: mailPerson(user), name, address, url: `${identity.baseUrl()}/access` },
      })
    }
    await audit(tx, {
      service: 'identity',
      actor: user.uuid,
      action: 'token-add',
      target: `token:${id}`,
      address,
      details: { name, scopes },
    })
    return token
  })
}
