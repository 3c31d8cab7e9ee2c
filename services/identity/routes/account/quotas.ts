import { Readable } from 'node:stream'
import { Fault } from '@synnefo/lib/fault'
import { writeJson } from '@synnefo/lib/json'
import type { Db } from '@synnefo/lib/sql'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { projectQuotas, type QuotaRow, quotasOf, serviceQuotas } from '../../store/holdings.ts'
import { JSON_TYPE, listParameter, type Serve } from '../dialect.ts'
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
        if (!users) return streamUsers(reply, pages(db, { component: id, projects }))
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
      GET: async (request) => {
        const projects = listParameter(request, 'project')
        const rows = await projectQuotas(db, { component: asking.of(request).id, projects })
        if (projects && rows.length === 0) throw new Fault('itemNotFound', `No project with UUID '${sent(request, 'project')}'`)
        return grouped(rows, 'project', (ofProject) =>
          Object.fromEntries(
            ofProject.map(({ resource, limit, usage, pending }) => [
              resource,
              { project_limit: limit, project_usage: usage, project_pending: pending },
            ]),
          ),
        )
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

const USERS_PER_PAGE = 500

/** Everybody's quotas, some hundred people at a time: there may be very many. */
async function* pages(db: Db, { component, projects }: { component: bigint; projects: string[] | undefined }) {
  for (let after = ''; ; ) {
    const rows = await serviceQuotas(db, { component, users: undefined, projects, after, limit: USERS_PER_PAGE })
    if (rows.length === 0) return
    yield byUser(rows)
    after = rows.at(-1)!.user
  }
}

/** One JSON document, written while it is read. */
function streamUsers(reply: FastifyReply, users: AsyncIterable<Record<string, unknown>>) {
  async function* text() {
    let separator = '{'
    for await (const page of users) {
      for (const [uuid, quotas] of Object.entries(page)) {
        yield `${separator}${writeJson(uuid)}:${writeJson(quotas)}`
        separator = ','
      }
    }
    yield separator === '{' ? '{}' : '}'
  }
  return reply.type(JSON_TYPE).send(Readable.from(text(), { objectMode: false }))
}
