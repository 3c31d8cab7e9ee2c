import { join, type Queryable, type Sql, sql } from '@synnefo/lib/sql'

/** A person as operators list them. */
export interface PersonSummary {
  id: bigint
  uuid: string
  email: string
  firstName: string
  lastName: string
  isActive: boolean
  isAdmin: boolean
  emailVerified: boolean
  moderated: boolean
  activationSentAt: Date | null
  lastLoginAt: Date | null
  providers: string[]
  lastLogins: string[]
  groups: string[]
}

export interface PeopleFilter {
  /** About columns of `u`, identity.users. */
  condition: Sql
  /** Any of these groups; everybody when none is named. */
  group: readonly string[]
  active: boolean
  pendingModeration: boolean
  pendingVerification: boolean
}

export function listPeople(db: Queryable, filter: PeopleFilter) {
  const conditions = [
    filter.condition,
    ...(filter.active ? [sql`u.is_active`] : []),
    ...(filter.pendingModeration ? [sql`u.email_verified AND NOT u.moderated`] : []),
    ...(filter.pendingVerification ? [sql`NOT u.email_verified`] : []),
    ...(filter.group.length > 0 ? [sql`m.groups && ${filter.group}::text[]`] : []),
  ]
  return db.any<PersonSummary>(sql`
    SELECT u.id, u.uuid, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.is_active AS "isActive",
           u.is_superuser OR 'admin' = ANY(m.groups) AS "isAdmin", u.email_verified AS "emailVerified", u.moderated,
           u.activation_sent_at AS "activationSentAt", u.last_login_at AS "lastLoginAt",
           p.providers, p."lastLogins", m.groups
    FROM identity.users u
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(module || ':' || coalesce(nullif(identifier, ''), backend) ORDER BY id), '{}') AS providers,
             coalesce(array_agg(module || ': ' || to_char(last_login_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') ORDER BY id)
               FILTER (WHERE last_login_at IS NOT NULL), '{}') AS "lastLogins"
      FROM identity.auth_providers WHERE user_id = u.id AND is_active
    ) AS p
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(g.name::text ORDER BY g.id), '{}') AS groups
      FROM identity.group_members gm JOIN identity.groups g ON g.id = gm.group_id WHERE gm.user_id = u.id
    ) AS m
    WHERE ${join(
      conditions.map((condition) => sql`(${condition})`),
      ' AND ',
    )}
    ORDER BY u.id`)
}
