// The original dialect (volume-api.md), below <base>/cyclades/volume: what there is to see of volumes and their types.
import { callers } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, dateText, idInPath, linksTo, openstackDialect, readChangesSince, type Static, Type } from '@synnefo/lib/http'
import type { VolumeTypeRow } from '../store/types.ts'
import { metadataOfVolumes, type VolumeRow, volumesVisibleTo, volumeVisibleTo } from '../store/volumes.ts'
import { showVolumeType, volumeTypes } from '../types.ts'
import type { VolumeService } from '../volume.ts'

const IdPath = Type.Object({ id: Type.String() })
const ListQuery = Type.Object({ 'changes-since': Type.Optional(Type.String()) })

export const volumeRoutes = openstackDialect<{ volume: VolumeService }>(async (app, { volume }) => {
  const version = (id: string) => ({
    id,
    status: 'CURRENT',
    updated: '2012-01-04T11:33:21Z',
    links: [{ rel: 'self', href: `${volume.baseUrl()}/cyclades/volume/${id}/` }],
    version: '',
    min_version: '',
  })
  const versions = async () => ({ versions: [version('v2.0'), version('v2')] })
  app.get('/', versions)
  for (const prefix of ['/v2.0', '/v2']) {
    await app.register(
      async (api) => {
        await api.register(callers, { identity: volume.identity, service: 'volume' })
        volumes(api, volume)
        types(api, volume)
      },
      { prefix },
    )
  }
})

function volumes(app: App, service: VolumeService) {
  const { db } = service
  const brief = ({ id, name }: VolumeRow) => {
    return { id: String(id), display_name: name, links: linksTo(`${service.baseUrl()}/cyclades/volume/v2.0/volumes/${id}`) }
  }
  async function full(rows: VolumeRow[]) {
    const items = Map.groupBy(
      await metadataOfVolumes(
        db,
        rows.map(({ id }) => id),
      ),
      ({ volumeId }) => volumeId,
    )
    return rows.map((volume) => ({
      ...brief(volume),
      status: volume.status.toLowerCase(),
      size: volume.sizeGib,
      display_description: volume.description,
      created_at: dateText(volume.createdAt),
      updated_at: dateText(volume.updatedAt),
      metadata: Object.fromEntries((items.get(volume.id) ?? []).map(({ key, value }) => [key, value])),
      image_id: sourceOf(volume, 'image'),
      snapshot_id: sourceOf(volume, 'snapshot'),
      source_volid: sourceOf(volume, 'volume'),
      attachments:
        volume.serverId === null ? [] : [{ server_id: volume.serverId, volume_id: volume.id, device_index: volume.index }],
      volume_type: volume.typeId,
      deleted: volume.deleted,
      delete_on_termination: volume.deleteOnTermination,
      user_id: volume.userId,
      tenant_id: volume.project,
      shared_to_project: volume.sharedToProject,
    }))
  }
  const since = (query: Static<typeof ListQuery>) =>
    query['changes-since'] ? readChangesSince(query['changes-since'], service.settings.POLL_LIMIT) : undefined

  app.get('/volumes', { schema: { querystring: ListQuery } }, async ({ caller, query }, reply) => {
    const moment = since(query)
    const rows = await volumesVisibleTo(db, caller, moment)
    return moment && rows.length === 0 ? reply.code(304).send() : { volumes: rows.map(brief) }
  })
  app.get('/volumes/detail', { schema: { querystring: ListQuery } }, async ({ caller, query }, reply) => {
    const moment = since(query)
    const rows = await volumesVisibleTo(db, caller, moment)
    return moment && rows.length === 0 ? reply.code(304).send() : { volumes: await full(rows) }
  })
  app.get('/volumes/:id', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    volume: (await full([await find(service, caller, params.id)]))[0],
  }))
  app.get('/volumes/:id/metadata', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    metadata: (await full([await find(service, caller, params.id)]))[0]!.metadata,
  }))
}

async function find({ db }: VolumeService, caller: Parameters<typeof volumeVisibleTo>[1], id: string): Promise<VolumeRow> {
  const volume = await volumeVisibleTo(db, caller, idInPath(id))
  if (!volume) throw new Fault('itemNotFound', `Volume ${id} does not exist.`)
  return volume
}

function types(app: App, { db, settings }: VolumeService) {
  const shape = ({ id, name, diskTemplate, deleted }: VolumeTypeRow) => ({
    id,
    name,
    deleted,
    'SNF:disk_template': diskTemplate,
    'SNF:detachable': settings.CYCLADES_DETACHABLE_DISK_TEMPLATES.includes(diskTemplate),
  })
  app.get('/types', async () => ({ volume_types: (await volumeTypes(db)).map(shape) }))
  app.get('/types/:id', { schema: { params: IdPath } }, async ({ params }) => ({
    volume_type: shape(await showVolumeType(db, idInPath(params.id))),
  }))
}

function sourceOf({ source }: VolumeRow, kind: string): string | null {
  return source?.startsWith(`${kind}:`) ? source.slice(kind.length + 1) : null
}
