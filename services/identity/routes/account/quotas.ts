import { Fault } from '@synnefo/lib/fault'
import type { Db } from '@synnefo/lib/sql'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { type ProjectQuotaRow, projectQuotas, type QuotaRow, quotasOf, serviceQuotas } from '../../store/holdings.ts'
import { listParameter, type Serve } from '../dialect.ts'
import { answerText, objectText, type Pages, pagesOf } from '../stream-json.ts'
import { component, person } from '../who-asks.ts'

export function quotaRoutes(serve: Serve, identity: Identity): void {
  const { db } = identity
  const caller = person(identity)
  const asking = component(identity)

  serve('/v1.0/quotas', { GET: async (request) => byProject(await quotasOf(db, caller.of(request).uuid)) }, caller)

  serve(
    '/v1.0/service_quotas',
    {
      GET: async (request, reply) => {
        const { id } = asking.of(request)
        const users = listParameter(request, 'user')
        const projects = listParameter(request, 'project')
        if (!users) return answerText(reply, objectText(everyUser(db, id, projects)))
        const rows = await serviceQuotas(db, { component: id, users, projects, after: '', limit: users.length })
        if (rows.length === 0) throw new Fault('itemNotFound', `No user with UUID '${sent(request, 'user')}'`)
        return byUser(rows)
      },
    },
    asking,
  )

  serve(
    '/v1.0/service_project_quotas',
    {
      GET: async (request, reply) => {
        const { id } = asking.of(request)
        const projects = listParameter(request, 'project')
        if (!projects) return answerText(reply, objectText(everyProject(db, id)))
        const rows = await projectQuotas(db, { component: id, projects })
        if (rows.length === 0) throw new Fault('itemNotFound', `No project with UUID '${sent(request, 'project')}'`)
        return wholeProjects(rows)
      },
    },
    asking,
  )
}

const sent = ({ query }: FastifyRequest, name: string) => (query as Record<string, string>)[name]

const byProject = (rows: readonly QuotaRow[]) =>
  grouped(rows, 'project', (ofProject) => Object.fromEntries(ofProject.map((row) => [row.resource, figures(row)])))

const byUser = (rows: readonly QuotaRow[]) => grouped(rows, 'user', byProject)

const figures = (row: QuotaRow) => ({
  limit: row.limit,
  usage: row.usage,
  pending: row.pending,
  project_limit: row.projectLimit,
  project_usage: row.projectUsage,
  project_pending: row.projectPending,
})

function grouped<Row extends Record<Key, string>, Key extends string, T>(
  rows: readonly Row[],
  key: Key,
  describe: (group: Row[]) => T,
) {
  const groups = Map.groupBy(rows, (row) => row[key])
  return Object.fromEntries([...groups].map(([name, group]) => [name, describe(group)]))
}

const wholeProjects = (rows: readonly ProjectQuotaRow[]) =>
  grouped(rows, 'project', (ofProject) =>
    Object.fromEntries(
      ofProject.map(({ resource, limit, usage, pending }) => [
        resource,
        { project_limit: limit, project_usage: usage, project_pending: pending },
      ]),
    ),
  )

/** People, or projects, of one page: a page and what is made of it stay small however many there are. */
const PER_PAGE = 500

async function* everyUser(db: Db, component: bigint, projects: string[] | undefined): Pages {
  const ask = (after: string) => serviceQuotas(db, { component, users: undefined, projects, after, limit: PER_PAGE })
  for await (const rows of pagesOf('', ask, ({ user }) => user)) yield Object.entries(byUser(rows))
}

async function* everyProject(db: Db, component: bigint): Pages {
  const ask = (after: bigint) => projectQuotas(db, { component, projects: undefined, after, limit: PER_PAGE })
  for await (const rows of pagesOf(0n, ask, ({ projectId }) => projectId)) yield Object.entries(wholeProjects(rows))
}
