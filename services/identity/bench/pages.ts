// How many rows of the database one page costs, as PostgreSQL counts them: what must not grow with the cloud.
import { type Db, sql, type Tx } from '@synnefo/lib/sql'
import { hashSecret } from '../secrets.ts'
import { projectQuotas, quotasOf, serviceQuotas } from '../store/holdings.ts'
import { listMemberships } from '../store/memberships.ts'
import { listProjects } from '../store/project-views.ts'
import { principalsOfTokens } from '../store/tokens.ts'
import { emailsOf, findUserByUuid } from '../store/users.ts'
import { tokenOf, uuidOf } from './names.ts'

const PAGE = 50

interface Viewer {
  id: bigint
  component: bigint
}

const PAGES: Record<string, (tx: Tx, viewer: Viewer) => Promise<unknown>> = {
  'lookup of a token': (tx) => principalsOfTokens(tx, [hashSecret(tokenOf(1))]),
  'quotas of a person': (tx) => quotasOf(tx, uuidOf(1)),
  'first page of service_quotas': (tx, { component }) =>
    serviceQuotas(tx, { component, users: undefined, projects: undefined, after: '', limit: PAGE }),
  'first page of service_project_quotas': (tx, { component }) =>
    projectQuotas(tx, { component, projects: undefined, limit: PAGE }),
  'page of projects': (tx, { id }) => listProjects(tx, { viewer: id, seesAll: true, mode: 'related', limit: PAGE }),
  'page of memberships': (tx, { id }) =>
    listMemberships(tx, { viewer: id, seesAll: true, project: undefined, marker: undefined, limit: PAGE }),
  'user_catalogs with 5 uuids': (tx) => emailsOf(tx, [1, 2, 3, 4, 5].map(uuidOf)),
}

/** Rows read by each page, from tables and indexes of identity. */
export async function rowsPerPage(db: Db): Promise<Record<string, number>> {
  const { id } = (await findUserByUuid(db, uuidOf(1)))!
  const { component } = await db.one<{ component: bigint }>(
    sql`SELECT id AS component FROM identity.components WHERE name = 'cyclades'`,
  )
  const rows: Record<string, number> = {}
  for (const [name, ask] of Object.entries(PAGES)) {
    rows[name] = await db.transaction(async (tx) => {
      const before = await rowsRead(tx)
      await ask(tx, { id, component })
      return (await rowsRead(tx)) - before
    })
  }
  return rows
}

async function rowsRead(tx: Tx): Promise<number> {
  const { rows } = await tx.one<{ rows: number }>(sql`
    SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int AS rows
    FROM pg_stat_xact_user_tables WHERE schemaname = 'identity'`)
  return rows
}
