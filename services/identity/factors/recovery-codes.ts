// Codes on paper, each good once, for when the app or the passkey is gone.
import { randomInt } from 'node:crypto'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { hashSecret } from '../secrets.ts'
import { deleteRecoveryCode, replaceRecoveryCodes } from '../store/factors.ts'
import type { UserRow } from '../store/users.ts'

const COUNT = 10
/** None that looks like another; twelve of these 31 are 59 bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 3
const GROUP_LENGTH = 4

type Owner = Pick<UserRow, 'id' | 'uuid'>

/** Ten new codes, shown this once; those from before end. */
export async function makeRecoveryCodes(identity: Identity, tx: Tx, user: Owner): Promise<string[]> {
  const codes = Array.from({ length: COUNT }, newCode)
  await replaceRecoveryCodes(
    tx,
    user.id,
    codes.map((code) => hashOf(identity, user, code)),
  )
  return codes
}

/** Uses the code up; answers whether it was one. */
export async function takeRecoveryCode(identity: Identity, tx: Tx, user: Owner, code: string): Promise<boolean> {
  return (await deleteRecoveryCode(tx, user.id, hashOf(identity, user, code))) === 1
}

function newCode(): string {
  const letter = () => ALPHABET[randomInt(ALPHABET.length)]
  return Array.from({ length: GROUPS }, () => Array.from({ length: GROUP_LENGTH }, letter).join('')).join('-')
}

/** Found by its hash, so there is nothing to compare; keyed, so that the table alone does not tell codes. */
function hashOf({ keys }: Identity, { uuid }: Owner, code: string): Buffer {
  return hashSecret(keys.sign(`recovery code of ${uuid} ${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`))
}
