import { type Queryable, sql, type Tx } from '@synnefo/lib/sql'

export interface TermsRow {
  id: bigint
  location: string
  issuedAt: Date
}

const COLUMNS = sql`id, location, issued_at AS "issuedAt"`

export function insertTerms(tx: Tx, location: string) {
  return tx.one<TermsRow>(sql`INSERT INTO identity.terms (location) VALUES (${location}) RETURNING ${COLUMNS}`)
}

/** The version that is to be signed; undefined while there is none. */
export function latestTerms(db: Queryable) {
  return db.maybeOne<TermsRow>(sql`SELECT ${COLUMNS} FROM identity.terms ORDER BY id DESC LIMIT 1`)
}

export function findTerms(db: Queryable, id: bigint) {
  return db.maybeOne<TermsRow>(sql`SELECT ${COLUMNS} FROM identity.terms WHERE id = ${id}`)
}

/** Nobody has signed what is new; answers how many had signed what was before. */
export function forgetSignatures(tx: Tx) {
  return tx.run(sql`UPDATE identity.users SET has_signed_terms = false, signed_terms_at = NULL WHERE has_signed_terms`)
}
