// What the original keeps in its tables of people. Columns that its releases added over the years are asked for where they are.
import { type ForeignDatabase, findTables } from '@synnefo/lib/foreign-database'
import { join, raw, type Sql, sql } from '@synnefo/lib/sql'

/** What tables there must be, with columns that all releases with ids of people have. */
const TABLES = {
  auth_user: ['id', 'email', 'first_name', 'last_name', 'password', 'is_active', 'is_superuser', 'date_joined', 'last_login'],
  im_astakosuser: [
    'user_ptr_id',
    'uuid',
    'affiliation',
    'auth_token',
    'auth_token_expires',
    'email_verified',
    'level',
    'invitations',
  ],
  im_astakosuserauthprovider: ['user_id', 'module', 'identifier', 'active'],
  auth_group: ['id', 'name'],
  auth_user_groups: ['user_id', 'group_id'],
}

export interface OriginalShape {
  users: ReadonlySet<string>
  providers: ReadonlySet<string>
  /** Every person has a project of his own, with limits. */
  systemProjects: boolean
  permissions: boolean
}

/** Answers what is missing for a database of the original, in words, or its shape. */
export async function shapeOf(original: ForeignDatabase): Promise<OriginalShape | string> {
  const found = await findTables(original, TABLES)
  if (typeof found === 'string') return found
  const quotas = await original.columns('im_projectresourcequota')
  return {
    users: found.im_astakosuser,
    providers: found.im_astakosuserauthprovider,
    systemProjects: quotas.has('project_capacity') && (await original.columns('im_project')).has('is_base'),
    permissions: (await original.columns('auth_user_user_permissions')).has('permission_id'),
  }
}

export interface OriginalPerson {
  id: bigint
  uuid: string | null
  email: string
  firstName: string
  lastName: string
  affiliation: string | null
  password: string
  /** Decimal seconds since 1970, as all times. */
  joinedAt: string | null
  lastLoginAt: string | null
  token: string | null
  tokenEndsAt: string | null
  emailVerified: boolean
  verifiedAt: string | null
  moderated: boolean
  moderatedAt: string | null
  acceptedPolicy: string | null
  acceptedEmail: string | null
  isRejected: boolean
  rejectedReason: string | null
  isActive: boolean
  deactivatedReason: string | null
  isSuperuser: boolean
  hasSignedTerms: boolean
  signedTermsAt: string | null
  hasSeenProfile: boolean
  level: number
  invitations: number
}

const isTrue = (value: unknown) => value === true || value === 1 || value === 1n || value === 't'

/** Decimal seconds as a time. */
export const dateOf = (seconds: string | null): Date | null => (seconds === null ? null : new Date(Number(seconds) * 1000))

/** People in order of their numbers there, after one. */
export async function nextPeople(
  original: ForeignDatabase,
  { users }: OriginalShape,
  { after, only, atMost }: { after: bigint; only: string | undefined; atMost: number },
): Promise<OriginalPerson[]> {
  const column = (name: string, otherwise: string) => raw(users.has(name) ? `a.${name}` : otherwise)
  const time = (name: string) => (users.has(name) ? original.time(raw(`a.${name}`)) : raw('NULL'))
  const rows = await original.any<Record<keyof OriginalPerson, unknown>>(sql`
    SELECT u.id, a.uuid, u.email, u.first_name AS "firstName", u.last_name AS "lastName", a.affiliation, u.password,
      ${original.time(sql`u.date_joined`)} AS "joinedAt", ${original.time(sql`u.last_login`)} AS "lastLoginAt",
      a.auth_token AS token, ${original.time(sql`a.auth_token_expires`)} AS "tokenEndsAt",
      a.email_verified AS "emailVerified", ${time('verified_at')} AS "verifiedAt",
      ${column('moderated', 'u.is_active')} AS moderated, ${time('moderated_at')} AS "moderatedAt",
      ${column('accepted_policy', 'NULL')} AS "acceptedPolicy", ${column('accepted_email', 'NULL')} AS "acceptedEmail",
      ${users.has('is_rejected') ? raw('a.is_rejected') : raw('NULL')} AS "isRejected", ${column('rejected_reason', 'NULL')} AS "rejectedReason",
      u.is_active AS "isActive", ${column('deactivated_reason', 'NULL')} AS "deactivatedReason", u.is_superuser AS "isSuperuser",
      ${column('has_signed_terms', 'NULL')} AS "hasSignedTerms", ${time('date_signed_terms')} AS "signedTermsAt",
      ${column('is_verified', 'NULL')} AS "hasSeenProfile", a.level, a.invitations
    FROM auth_user u JOIN im_astakosuser a ON a.user_ptr_id = u.id
    WHERE u.id > ${after} ${only === undefined ? sql`` : sql`AND a.uuid = ${only}`} ORDER BY u.id LIMIT ${atMost}`)
  return rows.map((row) => ({
    ...(row as unknown as OriginalPerson),
    id: BigInt(row.id as number),
    level: Number(row.level),
    invitations: Number(row.invitations),
    emailVerified: isTrue(row.emailVerified),
    moderated: isTrue(row.moderated),
    isRejected: isTrue(row.isRejected),
    isActive: isTrue(row.isActive),
    isSuperuser: isTrue(row.isSuperuser),
    hasSignedTerms: isTrue(row.hasSignedTerms),
    hasSeenProfile: isTrue(row.hasSeenProfile),
  }))
}

export interface OriginalLogin {
  userId: bigint
  module: string
  identifier: string | null
  affiliation: string | null
  info: string | null
}

const listOf = (values: readonly (string | bigint)[]): Sql => join(values as (string | bigint)[])

/** The ways to sign in that these people use. */
export async function loginsOf(original: ForeignDatabase, { providers }: OriginalShape, ids: readonly bigint[]) {
  const rows = await original.any<OriginalLogin>(sql`
    SELECT user_id AS "userId", module, identifier, ${raw(providers.has('affiliation') ? 'affiliation' : 'NULL')} AS affiliation,
      ${raw(providers.has('info_data') ? 'info_data' : 'NULL')} AS info
    FROM im_astakosuserauthprovider WHERE active AND user_id IN (${listOf(ids)}) ORDER BY user_id, module, identifier`)
  return rows.map((row) => ({ ...row, userId: BigInt(row.userId) }))
}

export async function groupsOf(original: ForeignDatabase, ids: readonly bigint[]) {
  const rows = await original.any<{ userId: bigint | number; name: string }>(sql`
    SELECT m.user_id AS "userId", g.name FROM auth_user_groups m JOIN auth_group g ON g.id = m.group_id
    WHERE m.user_id IN (${listOf(ids)}) ORDER BY m.user_id, g.name`)
  return rows.map(({ userId, name }) => ({ userId: BigInt(userId), name }))
}

export async function permissionsOf(original: ForeignDatabase, { permissions }: OriginalShape, ids: readonly bigint[]) {
  if (!permissions) return []
  const rows = await original.any<{ userId: bigint | number; name: string }>(sql`
    SELECT m.user_id AS "userId", p.codename AS name FROM auth_user_user_permissions m JOIN auth_permission p ON p.id = m.permission_id
    WHERE m.user_id IN (${listOf(ids)}) ORDER BY m.user_id, p.codename`)
  return rows.map(({ userId, name }) => ({ userId: BigInt(userId), name }))
}

export interface OriginalLimit {
  uuid: string
  resource: string
  project: bigint
  member: bigint
}

/** Limits of the projects that people have of their own. */
export async function systemLimitsOf(
  original: ForeignDatabase,
  { systemProjects }: OriginalShape,
  uuids: readonly string[],
): Promise<OriginalLimit[]> {
  if (!systemProjects || uuids.length === 0) return []
  const rows = await original.any<Record<keyof OriginalLimit, string>>(sql`
    SELECT p.uuid, r.name AS resource, CAST(q.project_capacity AS text) AS project, CAST(q.member_capacity AS text) AS member
    FROM im_project p JOIN im_projectresourcequota q ON q.project_id = p.id JOIN im_resource r ON r.id = q.resource_id
    WHERE p.is_base AND p.uuid IN (${listOf(uuids)}) ORDER BY p.uuid, r.name`)
  return rows.map(({ uuid, resource, project, member }) => ({ uuid, resource, project: BigInt(project), member: BigInt(member) }))
}

/** Projects that people made, which do not come; undefined where there are none to ask about. */
export async function otherProjects(original: ForeignDatabase, { systemProjects }: OriginalShape) {
  if (!systemProjects) return []
  return original.any<{ uuid: string; name: string }>(sql`
    SELECT uuid, realname AS name FROM im_project WHERE NOT is_base AND state IN (1, 10) ORDER BY id`)
}
