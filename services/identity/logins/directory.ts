// Signing in with a name and a password of the directory, counted and slowed like other passwords.
import { Fault } from '@synnefo/lib/fault'
import { audit } from '../audit.ts'
import type { Identity } from '../identity.ts'
import type { Origin } from '../sessions/sessions.ts'
import { loginLimits } from '../sessions/sign-in.ts'
import { countAgainst, forgive } from '../throttle.ts'
import type { Claims } from './claims.ts'
import { findInDirectory } from './ldap.ts'
import { loginMessage } from './messages.ts'

export interface DirectoryCredentials {
  username: string
  password: string
}

/** Who it is in the directory. Throws `unauthorized` for a wrong name as for a wrong password. */
export async function proveByDirectory(
  identity: Identity,
  { username: typed, password }: DirectoryCredentials,
  { address }: Origin,
): Promise<Claims> {
  const username = typed.trim()
  const limits = loginLimits(identity, `ldap:${username.toLowerCase()}`, address)
  await countAgainst(identity.db, limits)
  const claims = await findInDirectory(identity.settings, loginMessage(identity.settings, 'ldap', 'title'), {
    username,
    password,
  })
  if (!claims) {
    const about = { service: 'identity', actor: 'unknown', action: 'session-start', target: 'login:ldap', address }
    await audit(identity.db, { ...about, result: 'refused: wrong name or password' })
    throw new Fault('unauthorized', 'The name or the password is wrong.')
  }
  await forgive(identity.db, limits)
  return claims
}
