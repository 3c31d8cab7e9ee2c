// A large cloud in seconds: people, projects and their quota by statements about whole sets. The secrets of these people
// are computed from their numbers, so that whoever makes the load knows them.
import { type Db, sql, type Tx } from '@synnefo/lib/sql'
import { grantedLimits } from '../store/holdings.ts'
import { hashPassword } from '../users/password-hash.ts'
import { BENCH_PASSWORD, SERVICE_TOKEN } from './names.ts'

export interface Population {
  people: number
  /** Projects beside the ones that people have of their own, ten members each; the first has a hundred. */
  projects: number
}

/** Adds what is missing to reach this population. */
export async function seedPopulation(db: Db, { people, projects }: Population): Promise<void> {
  const passwordHash = await hashPassword(BENCH_PASSWORD)
  await db.transaction(
    async (tx) => {
      await addComponent(tx)
      await addPeople(tx, people, passwordHash)
      await addProjects(tx, people, projects)
      await addHoldings(tx)
    },
    { patient: true },
  )
  await db.run(sql`ANALYZE`)
}

/** A component with a token that is known, beside those of this cloud. */
function addComponent(tx: Tx) {
  return tx.run(sql`
    INSERT INTO identity.components (name, base_url, token_hash, token_sealed)
    VALUES ('bench', 'http://bench.test', sha256(convert_to(${SERVICE_TOKEN}, 'UTF8')), '') ON CONFLICT (name) DO NOTHING`)
}

async function addPeople(tx: Tx, people: number, passwordHash: string): Promise<void> {
  await tx.run(sql`
    INSERT INTO identity.users
      (uuid, email, first_name, last_name, password_hash, email_verified, verified_at, moderated, moderated_at, is_active, has_signed_terms)
    SELECT 'bench-person-' || n, 'bench-' || n || '@example.test', 'Bench', 'Person ' || n, ${passwordHash},
           true, now(), true, now(), true, true
    FROM generate_series(1, ${people}::int) AS n ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.tokens (user_id, name, secret_hash)
    SELECT id, 'bench', sha256(convert_to('bench-token-' || substr(uuid, 14), 'UTF8'))
    FROM identity.users WHERE uuid LIKE 'bench-person-%' ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.group_members (user_id, group_id)
    SELECT u.id, g.id FROM identity.users u CROSS JOIN identity.groups g
    WHERE u.uuid LIKE 'bench-person-%' AND g.name = 'default' ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.auth_providers (user_id, module, is_verified)
    SELECT id, 'local', true FROM identity.users WHERE uuid LIKE 'bench-person-%' ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.projects (uuid, name, realname, end_date, join_policy, leave_policy, max_members, private, is_base, state)
    SELECT uuid, 'system:' || uuid, 'system:' || uuid, now() + interval '100 years', 'closed', 'closed', 1, true, true, 'active'
    FROM identity.users WHERE uuid LIKE 'bench-person-%' ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.memberships (user_id, project_id, state, initialized)
    SELECT u.id, p.id, 'accepted', true FROM identity.users u JOIN identity.projects p ON p.uuid = u.uuid
    WHERE u.uuid LIKE 'bench-person-%' ON CONFLICT DO NOTHING`)
}

async function addProjects(tx: Tx, people: number, projects: number): Promise<void> {
  await tx.run(sql`
    INSERT INTO identity.projects (uuid, name, realname, owner_id, end_date, join_policy, leave_policy, max_members, state)
    SELECT 'bench-project-' || n, 'bench-' || n || '.example.test', 'bench-' || n || '.example.test', u.id,
           now() + interval '1 year', 'auto', 'auto', 1000, 'active'
    FROM generate_series(1, ${projects}::int) AS n
    JOIN identity.users u ON u.uuid = 'bench-person-' || (1 + (n - 1) % ${people}::int) ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.memberships (user_id, project_id, state, initialized)
    SELECT u.id, p.id, 'accepted', true
    FROM generate_series(1, ${projects}::int) AS n
    CROSS JOIN LATERAL generate_series(1, least(${people}::int, CASE n WHEN 1 THEN 100 ELSE 10 END)) AS member
    JOIN identity.users u ON u.uuid = 'bench-person-' || (1 + (n * 10 + member - 11) % ${people}::int)
    JOIN identity.projects p ON p.uuid = 'bench-project-' || n ON CONFLICT DO NOTHING`)
}

/** Limits without end: what is measured is how quickly the ledger counts, not how it refuses. */
async function addHoldings(tx: Tx): Promise<void> {
  await tx.run(sql`
    INSERT INTO identity.project_limits (project_id, resource, project_capacity, member_capacity)
    SELECT p.id, r.name, 9223372036854775807, 9223372036854775807
    FROM identity.projects p CROSS JOIN identity.resources r WHERE p.uuid LIKE 'bench-%' ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO identity.holdings (holder, source, resource, "limit")
    SELECT holder, source, resource, "limit" FROM (${grantedLimits(sql`p.uuid LIKE 'bench-%'`)}) AS granted ON CONFLICT DO NOTHING`)
}
