import { type Queryable, type Sql, sql } from '@synnefo/lib/sql'

/** An account as programs of administrators see it. */
export interface UserDetails {
  uuid: string
  email: string
  firstName: string
  lastName: string
  isActive: boolean
  isRejected: boolean
  deactivatedReason: string
  acceptedPolicy: string | null
  rejectedReason: string
  groups: string[]
  methods: { module: string; identifier: string; active: boolean; affiliation: string; backend: string; metadata: object }[]
  joinedAt: Date
  moderatedAt: Date | null
  verifiedAt: Date | null
  tokenExpiresAt: Date | null
}

const details = (condition: Sql, limit: number | null) => sql`
  SELECT u.uuid, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.is_active AS "isActive",
         u.is_rejected AS "isRejected", u.deactivated_reason AS "deactivatedReason", u.accepted_policy AS "acceptedPolicy",
         u.rejected_reason AS "rejectedReason", u.joined_at AS "joinedAt", u.moderated_at AS "moderatedAt",
         u.verified_at AS "verifiedAt", t.expires_at AS "tokenExpiresAt",
         ARRAY(SELECT g.name FROM identity.group_members m JOIN identity.groups g ON g.id = m.group_id
               WHERE m.user_id = u.id ORDER BY g.id) AS groups,
         (SELECT coalesce(json_agg(json_build_object('module', a.module, 'identifier', a.identifier, 'active', a.is_active,
                   'affiliation', a.affiliation, 'backend', a.backend, 'metadata', a.info) ORDER BY a.id), '[]')
          FROM identity.auth_providers a WHERE a.user_id = u.id) AS methods
  FROM identity.users u LEFT JOIN identity.tokens t ON t.user_id = u.id AND t.is_classic
  WHERE ${condition} ORDER BY u.id LIMIT ${limit}`

export interface UserPage {
  /** uuid of the last one before the page. */
  marker: string | undefined
  /** All that follow, without. */
  limit: number | undefined
}

export function listUserDetails(db: Queryable, { marker, limit }: UserPage) {
  const after = marker === undefined ? sql`true` : sql`u.id > (SELECT id FROM identity.users WHERE uuid = ${marker})`
  return db.any<UserDetails>(details(after, limit ?? null))
}

export function findUserDetails(db: Queryable, uuid: string) {
  return db.maybeOne<UserDetails>(details(sql`u.uuid = ${uuid}`, null))
}
