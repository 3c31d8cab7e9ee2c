// The terms of service: versions that operators add, and the signatures of people. Who has not signed the newest one
// may only read it, sign it and sign out.
import { readFile } from 'node:fs/promises'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { everybodyChanged, type Identity, personChanged } from '../identity.ts'
import * as store from '../store/terms.ts'
import { type UserRow, updateUser } from '../store/users.ts'

export type Terms = store.TermsRow

/** Registers a file as the newest terms: everybody is to sign them, at once. */
export async function addTerms(identity: Identity, tx: Tx, location: string): Promise<Terms> {
  const terms = await store.insertTerms(tx, location)
  await store.forgetSignatures(tx)
  everybodyChanged(tx, identity)
  return terms
}

export interface WrittenTerms {
  id: bigint
  issuedAt: Date
  /** As the operator wrote it. */
  html: string
}

/** One version, or the newest. */
export async function readTerms({ db, log }: Identity, id?: bigint): Promise<WrittenTerms> {
  const terms = id === undefined ? await store.latestTerms(db) : await store.findTerms(db, id)
  if (!terms) throw new Fault('itemNotFound', id === undefined ? 'There are no terms of service.' : `There are no terms ${id}.`)
  try {
    return { id: terms.id, issuedAt: terms.issuedAt, html: await readFile(terms.location, 'utf8') }
  } catch (error) {
    log.error({ terms: terms.id, location: terms.location, error }, 'the terms of service cannot be read')
    throw new Fault('serviceUnavailable', 'The terms of service cannot be shown now. Tell the administrators of this cloud.', {
      cause: error,
    })
  }
}

/** Throws `badRequest` unless the person agrees to the newest terms; without any there is nothing to agree to. */
export async function checkTermsAgreed(db: Queryable, agreed: boolean): Promise<void> {
  if (!agreed && (await store.latestTerms(db)))
    throw new Fault('badRequest', "Field 'hasSignedTerms': an account needs agreement to the terms of service")
}

/** Signs the newest terms; those the person read must still be the newest. */
export async function signTerms(identity: Identity, tx: Tx, user: Pick<UserRow, 'id' | 'uuid'>, read?: bigint): Promise<void> {
  const latest = await store.latestTerms(tx)
  if (latest && read !== undefined && read !== latest.id)
    throw new Fault('conflict', 'There are newer terms of service. Read them first.')
  await updateUser(tx, user.id, { hasSignedTerms: true, signedTermsAt: new Date() })
  personChanged(tx, user.uuid, identity)
}
