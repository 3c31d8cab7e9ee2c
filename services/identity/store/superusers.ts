import { sql, type Tx } from '@synnefo/lib/sql'

export interface SuperuserRow {
  id: bigint
  uuid: string
  email: string
  hasProvider: boolean
  isAccepted: boolean
}

/** Superusers that lack the group of administrators, a way to sign in, a decision, a project of their own or a token. */
export function incompleteSuperusers(tx: Tx) {
  return tx.any<SuperuserRow>(sql`
    SELECT u.id, u.uuid, u.email, s."hasProvider", u.email_verified AND u.moderated AND u.accepted_policy IS NOT NULL AS "isAccepted"
    FROM identity.users u
    CROSS JOIN LATERAL (
      SELECT EXISTS (SELECT FROM identity.auth_providers p WHERE p.user_id = u.id) AS "hasProvider",
             EXISTS (SELECT FROM identity.group_members m JOIN identity.groups g ON g.id = m.group_id
                     WHERE m.user_id = u.id AND g.name = 'admin') AS "isAdmin",
             EXISTS (SELECT FROM identity.tokens t WHERE t.user_id = u.id AND t.is_classic) AS "hasToken",
             EXISTS (SELECT FROM identity.projects p WHERE p.uuid = u.uuid) AS "hasProject"
    ) AS s
    WHERE u.is_superuser AND NOT u.is_rejected
      AND NOT (s."hasProvider" AND s."isAdmin" AND s."hasToken" AND s."hasProject" AND u.email_verified AND u.moderated)
    ORDER BY u.id
    FOR NO KEY UPDATE OF u`)
}
