import { type Queryable, type Sql, sql, type Tx } from '@synnefo/lib/sql'

export interface OAuthClientRow {
  id: bigint
  identifier: string
  type: 'confidential' | 'public'
  secretHash: string | null
  isTrusted: boolean
  redirectUrls: string[]
}

const CLIENT = sql`
  c.id, c.identifier, c.type, c.secret_hash AS "secretHash", c.is_trusted AS "isTrusted",
  ARRAY(SELECT u.url FROM identity.oauth2_redirect_urls u WHERE u.client_id = c.id ORDER BY u.id) AS "redirectUrls"
  FROM identity.oauth2_clients c`

export function findOAuthClient(db: Queryable, identifier: string) {
  return db.maybeOne<OAuthClientRow>(sql`SELECT ${CLIENT} WHERE c.identifier = ${identifier}`)
}

/** `condition` is about `c`, the client. */
export function listOAuthClients(db: Queryable, condition: Sql) {
  return db.any<OAuthClientRow>(sql`SELECT ${CLIENT} WHERE ${condition} ORDER BY c.id`)
}

export async function insertOAuthClient(tx: Tx, client: Omit<OAuthClientRow, 'id'>): Promise<bigint> {
  const { identifier, type, secretHash, isTrusted, redirectUrls } = client
  const { id } = await tx.one<{ id: bigint }>(sql`
    INSERT INTO identity.oauth2_clients (identifier, type, secret_hash, is_trusted)
    VALUES (${identifier}, ${type}, ${secretHash}, ${isTrusted}) RETURNING id`)
  await tx.run(sql`
    INSERT INTO identity.oauth2_redirect_urls (client_id, url)
    SELECT ${id}::bigint, url FROM unnest(${redirectUrls}::text[]) WITH ORDINALITY AS given(url, place) ORDER BY place
    ON CONFLICT DO NOTHING`)
  return id
}

/** With its URLs, codes and tokens. */
export function deleteOAuthClient(tx: Tx, id: bigint) {
  return tx.run(sql`DELETE FROM identity.oauth2_clients WHERE id = ${id}`)
}

export function addRedirectUrl(tx: Tx, id: bigint, url: string) {
  return tx.run(sql`
    INSERT INTO identity.oauth2_redirect_urls (client_id, url) VALUES (${id}, ${url}) ON CONFLICT DO NOTHING`)
}
