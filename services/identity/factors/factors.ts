import type { Queryable } from '@synnefo/lib/sql'
import * as store from '../store/factors.ts'
import type { Factor } from '../wire/factors.ts'

/** What may complete the person's sign-in; none: nothing is asked for besides the first step. */
export async function secondFactorsOf(db: Queryable, userId: bigint): Promise<Factor[]> {
  const { totp, passkeys, recoveryCodes } = await store.factorsOf(db, userId)
  const factors: Factor[] = [...(passkeys ? (['passkey'] as const) : []), ...(totp ? (['totp'] as const) : [])]
  // Recovery codes stand in for what was lost; without anything to lose they ask for nothing.
  return factors.length > 0 && recoveryCodes ? [...factors, 'recovery'] : factors
}
