import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import { countUsers } from '../store/users.ts'
import { makeAdmin } from './administrators.ts'
import { createUser } from './create.ts'
import { admitUser } from './lifecycle.ts'
import { hashPassword } from './password-hash.ts'

/** Lets somebody in who can let in the others. Does nothing, and answers false, when there are accounts already. */
export async function ensureFirstAdministrator(
  identity: Identity,
  { email, password }: { email: string; password: string },
): Promise<boolean> {
  if ((await countUsers(identity.db, 1)) > 0) return false
  const passwordHash = await hashPassword(password)
  return identity.db.transaction(async (tx) => {
    if ((await countUsers(tx, 1)) > 0) return false
    const user = await createUser(identity, tx, { email, firstName: 'Cloud', lastName: 'Administrator', passwordHash })
    await makeAdmin(identity, tx, user)
    await admitUser(identity, tx, user.id)
    await audit(tx, { service: 'identity', actor: 'up', action: 'user-add', target: `user:${user.uuid}` })
    return true
  })
}
