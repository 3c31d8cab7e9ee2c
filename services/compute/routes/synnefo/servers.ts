import { Fault } from '@synnefo/lib/fault'
import { type App, idInPath, readChangesSince, readId, type Static, Type } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'
import { createServer } from '../../servers/create.ts'
import { dropPassword, renameServer, showPassword } from '../../servers/labels.ts'
import { removeServer } from '../../servers/power.ts'
import { listDiagnostics, listServers, showServer, viewServers } from '../../servers/view.ts'
import type { ServerFilter } from '../../store/servers.ts'
import { operstateOf } from '../../wire/server-states.ts'
import { addresses, attachment, briefServer, diagnosticEntry, fullServer } from './server-view.ts'
import { asTexts, IdPath, MetadataItems } from './shapes.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]))

const NewServer = Type.Object({
  server: Type.Object({
    name: Type.String(),
    flavorRef: Type.Union([Type.Integer(), Type.String()]),
    imageRef: Type.String(),
    project: Nullable(Type.String()),
    metadata: Nullable(MetadataItems),
    personality: Nullable(
      Type.Array(
        Type.Object(
          {
            path: Type.String(),
            contents: Type.String(),
            owner: Type.Optional(Type.String()),
            group: Type.Optional(Type.String()),
            mode: Type.Optional(Type.Integer({ minimum: 0, maximum: 0o7777 })),
          },
          { additionalProperties: false },
        ),
      ),
    ),
    networks: Nullable(
      Type.Array(
        Type.Union([
          Type.Object({ port: Type.Union([Type.Integer(), Type.String()]) }),
          Type.Object({ uuid: Type.Union([Type.Integer(), Type.String()]), fixed_ip: Type.Optional(Type.String()) }),
        ]),
      ),
    ),
    adminPass: Nullable(Type.String()),
    key_name: Nullable(Type.String()),
    'SNF:key_names': Nullable(Type.Array(Type.String())),
    shared_to_project: Type.Optional(Type.Boolean()),
  }),
})

const ListQuery = Type.Object({
  'changes-since': Type.Optional(Type.String()),
  limit: Type.Optional(Type.String()),
  marker: Type.Optional(Type.String()),
  status: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  image: Type.Optional(Type.String()),
  flavor: Type.Optional(Type.String()),
})

const Rename = Type.Object({ server: Type.Object({ name: Type.String() }) })
const NetworkPath = Type.Object({ id: Type.String(), network: Type.String() })

export async function servers(app: App, { compute }: { compute: Compute }): Promise<void> {
  const list = (query: Static<typeof ListQuery>) => readFilter(query, compute.settings.POLL_LIMIT)

  app.get('/servers', { schema: { querystring: ListQuery } }, async ({ caller, query }, reply) => {
    const filter = list(query)
    const rows = await listServers(compute, caller, filter)
    if (filter.changedSince && rows.length === 0) return reply.code(304).send()
    return { servers: rows.map((server) => briefServer(compute, server)) }
  })

  app.get('/servers/detail', { schema: { querystring: ListQuery } }, async ({ caller, query }, reply) => {
    const filter = list(query)
    const rows = await listServers(compute, caller, filter)
    if (filter.changedSince && rows.length === 0) return reply.code(304).send()
    return { servers: (await viewServers(compute.db, rows)).map((view) => fullServer(compute, view)) }
  })

  app.post('/servers', { schema: { body: NewServer } }, async ({ caller, body }, reply) => {
    const wanted = body.server
    if (wanted.shared_to_project) throw new Fault('forbidden', 'Sharing of servers with projects is not enabled here.')
    const { server, adminPass } = await createServer(compute, caller, {
      name: wanted.name,
      flavorId: readId(wanted.flavorRef, 'flavorRef'),
      imageId: wanted.imageRef,
      keyNames: keyNamesOf(wanted),
      ...(wanted.project ? { project: wanted.project } : {}),
      ...(wanted.metadata ? { metadata: asTexts(wanted.metadata) } : {}),
      ...(wanted.personality ? { personality: wanted.personality } : {}),
      ...(wanted.networks ? { networks: wanted.networks.map(portRequest) } : {}),
      ...(wanted.adminPass ? { adminPass: wanted.adminPass } : {}),
    })
    const [view] = await viewServers(compute.db, [server])
    reply.code(202)
    return { server: { ...fullServer(compute, view!), status: 'BUILD', adminPass } }
  })

  app.get('/servers/:id', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    server: fullServer(compute, await showServer(compute, caller, idInPath(params.id))),
  }))

  app.put('/servers/:id', { schema: { params: IdPath, body: Rename } }, async ({ caller, params, body }, reply) => {
    await renameServer(compute, caller, idInPath(params.id), body.server.name)
    return reply.code(204).send()
  })

  app.delete('/servers/:id', { schema: { params: IdPath } }, async ({ caller, params }, reply) => {
    await removeServer(compute, caller, idInPath(params.id))
    return reply.code(204).send()
  })

  app.get('/servers/:id/password', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    password: await showPassword(compute, caller, idInPath(params.id)),
  }))

  app.delete('/servers/:id/password', { schema: { params: IdPath } }, async ({ caller, params }, reply) => {
    await dropPassword(compute, caller, idInPath(params.id))
    return reply.code(204).send()
  })

  app.get('/servers/:id/ips', { schema: { params: IdPath } }, async ({ caller, params }) => {
    const { ports } = await showServer(compute, caller, idInPath(params.id))
    return { addresses: addresses(ports), attachments: ports.map(attachment) }
  })

  app.get('/servers/:id/ips/:network', { schema: { params: NetworkPath } }, async ({ caller, params }) => {
    const network = readId(params.network, 'The id of a network')
    const { ports } = await showServer(compute, caller, idInPath(params.id))
    return { network: addresses(ports.filter(({ networkId }) => networkId === network)) }
  })

  app.get('/servers/:id/diagnostics', { schema: { params: IdPath } }, async ({ caller, params }) =>
    (await listDiagnostics(compute, caller, idInPath(params.id))).map(diagnosticEntry),
  )
}

type Wanted = Static<typeof NewServer>['server']

function keyNamesOf({ key_name: one, 'SNF:key_names': several }: Wanted): string[] {
  if (one && several && several.length > 0) throw new Fault('badRequest', 'Give either key_name or SNF:key_names, not both.')
  return one ? [one] : (several ?? [])
}

function portRequest(request: NonNullable<Wanted['networks']>[number]) {
  if ('port' in request) return { port: String(request.port) }
  return { uuid: String(request.uuid), ...(request.fixed_ip === undefined ? {} : { fixed_ip: request.fixed_ip }) }
}

function readFilter(query: Static<typeof ListQuery>, pollLimitSeconds: number): ServerFilter {
  const { limit, marker, status, name, image, flavor } = query
  const since = query['changes-since']
  const operstate = status === undefined ? undefined : operstateOf(status)
  return {
    ...(since ? { changedSince: readChangesSince(since, pollLimitSeconds) } : {}),
    ...(limit === undefined ? {} : { limit: Number(readId(limit, 'limit')) }),
    ...(marker === undefined ? {} : { marker: readId(marker, 'marker') }),
    ...(operstate === undefined ? {} : { operstate }),
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { imageId: image }),
    ...(flavor === undefined ? {} : { flavorId: readId(flavor, 'flavor') }),
  }
}
