import { randomInt } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { endOtherSessions } from '../sessions/sessions.ts'
import { linkAuthProvider } from '../store/auth-providers.ts'
import { type UserRow, updateUser } from '../store/users.ts'
import { renewClassicToken } from '../tokens/tokens.ts'

const LONGEST = 512

export function checkNewPassword({ settings }: Identity, password: string): void {
  const shortest = settings.ASTAKOS_PASSWORD_MIN_LENGTH
  if (password.length < shortest)
    throw new Fault('badRequest', `Field 'password': a password has at least ${shortest} characters`)
  if (password.length > LONGEST) throw new Fault('badRequest', `Field 'password': a password has at most ${LONGEST} characters`)
}

/** Stores the hash of a new password; other sessions end, and so does the classic token when the setting says so. */
export async function setPassword(
  identity: Identity,
  tx: Tx,
  user: Pick<UserRow, 'id' | 'uuid'>,
  passwordHash: string,
  keptSession?: bigint,
): Promise<void> {
  await updateUser(tx, user.id, { passwordHash })
  await linkAuthProvider(tx, user.id, 'local')
  await endOtherSessions(identity, tx, user, keptSession)
  if (identity.settings.ASTAKOS_NEWPASSWD_INVALIDATE_TOKEN) await renewClassicToken(identity, tx, user)
}

/** Without letters and digits that look like each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789'

/** For people who are given a password: 16 characters, 92 bits. */
export const generatePassword = () => Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
