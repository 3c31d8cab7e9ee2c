// The original dialect (image-api.md), below <base>/cyclades/image.
import { callers } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, dateText, openstackDialect, Type } from '@synnefo/lib/http'
import type { ImageService } from '../image.ts'
import {
  changeMembers,
  type Image,
  imagesVisibleTo,
  listMembers,
  registerImage,
  showImage,
  unregisterImage,
  updateImage,
} from '../images.ts'
import { readLocation, writeLocation } from '../location.ts'
import { allowOnly, imageHeaders, readHeaders, readPublic } from './headers.ts'
import { selectImages } from './select.ts'

const IdPath = Type.Object({ id: Type.String() })
const MemberPath = Type.Object({ id: Type.String(), member: Type.String() })
const Query = Type.Record(Type.String(), Type.Unknown())
const Members = Type.Object({ memberships: Type.Array(Type.Object({ member_id: Type.String() })) })

export const imageRoutes = openstackDialect<{ image: ImageService }>(async (app, { image: service }) => {
  const version = (id: string) => ({
    id,
    status: 'CURRENT',
    links: [{ rel: 'self', href: `${service.baseUrl()}/cyclades/image/${id}/` }],
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.compute.v2+json' }],
  })
  for (const url of ['/', '/versions', '/versions.json'])
    app.get(url, async () => ({ versions: [version('v1.0'), version('v1')] }))
  for (const prefix of ['/v1.0', '/v1']) {
    await app.register(
      async (api) => {
        await api.register(callers, { identity: service.identity, service: 'image' })
        images(api, service)
        members(api, service)
      },
      { prefix },
    )
  }
})

function images(app: App, service: ImageService) {
  const { db } = service
  const brief = (image: Image) => ({
    id: image.id,
    name: image.name,
    status: image.status,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    size: image.sizeBytes,
  })
  const full = (image: Image) => ({
    ...brief(image),
    checksum: image.checksum,
    location: writeLocation(image.place),
    created_at: dateText(image.createdAt),
    updated_at: dateText(image.updatedAt),
    deleted_at: '',
    is_public: image.public,
    owner: image.owner,
    properties: image.properties,
    is_snapshot: image.isSnapshot,
    ...(image.description === undefined ? {} : { description: image.description }),
  })

  for (const url of ['/images', '/images/']) {
    app.get(url, { schema: { querystring: Query } }, async ({ caller, query }) => ({
      images: selectImages(await imagesVisibleTo(db, caller), query).map(brief),
    }))
    app.post(url, async ({ caller, raw }, reply) => {
      const headers = readHeaders(raw.rawHeaders)
      const {
        name,
        location,
        id,
        store,
        size,
        checksum,
        disk_format: diskFormat,
        container_format: containerFormat,
        owner,
      } = headers.attributes
      const allowed = [
        'name',
        'id',
        'store',
        'disk_format',
        'container_format',
        'size',
        'checksum',
        'is_public',
        'owner',
        'properties',
        'location',
      ] as const
      allowOnly(headers, allowed, 'Invalid parameters')
      if (name === undefined) throw new Fault('badRequest', "Image 'name' parameter is required")
      if (name === '') throw new Fault('badRequest', 'Invalid image name')
      if (location === undefined) throw new Fault('badRequest', "'location' parameter is required")
      const place = readLocation(location)
      if (id !== undefined) throw new Fault('badRequest', 'Setting the image ID is not supported')
      if (store !== undefined && store !== 'pithos') throw new Fault('badRequest', `Invalid store '${store}'`)
      const image = await registerImage(service, caller, place, {
        name,
        properties: headers.properties,
        ...definedOnly({ diskFormat, containerFormat, owner, public: readPublic(headers.attributes), size, checksum }),
      })
      return reply.headers(imageHeaders(image)).code(200).send()
    })
  }

  app.get('/images/detail', { schema: { querystring: Query } }, async ({ caller, query }) => ({
    images: selectImages(await imagesVisibleTo(db, caller), query).map(full),
  }))

  app.head('/images/:id', { schema: { params: IdPath } }, async ({ caller, params }, reply) => {
    return reply.headers(imageHeaders(await showImage(db, caller, params.id))).send()
  })
  app.get('/images/:id', { schema: { params: IdPath } }, async (_request, reply) => reply.code(501).send())

  app.put('/images/:id', { schema: { params: IdPath } }, async ({ caller, params, raw }, reply) => {
    const headers = readHeaders(raw.rawHeaders)
    allowOnly(
      headers,
      ['name', 'disk_format', 'container_format', 'is_public', 'owner', 'properties', 'status'],
      'Invalid metadata',
    )
    const { name, disk_format: diskFormat, container_format: containerFormat, owner } = headers.attributes
    if (name === '') throw new Fault('badRequest', 'Invalid image name')
    const image = await updateImage(service, caller, params.id, {
      properties: headers.properties,
      ...definedOnly({ name, diskFormat, containerFormat, owner, public: readPublic(headers.attributes) }),
    })
    return reply.headers(imageHeaders(image)).code(200).send()
  })

  app.delete('/images/:id', { schema: { params: IdPath } }, async ({ caller, params }, reply) => {
    await unregisterImage(service, caller, params.id)
    return reply.code(204).send()
  })

  app.get(
    '/shared-images/:member',
    { schema: { params: Type.Object({ member: Type.String() }) } },
    async ({ caller, params }) => {
      const shared = (await imagesVisibleTo(db, caller)).filter((image) => image.owner === params.member && !image.public)
      return { shared_images: shared.map(({ id }) => ({ image_id: id, can_share: false })) }
    },
  )
}

function members(app: App, service: ImageService) {
  app.get('/images/:id/members', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    members: (await listMembers(service.db, caller, params.id)).map((member) => ({ member_id: member, can_share: false })),
  }))
  app.put('/images/:id/members', { schema: { params: IdPath, body: Members } }, async ({ caller, params, body }, reply) => {
    await changeMembers(service, caller, params.id, () => body.memberships.map(({ member_id: member }) => member))
    return reply.code(204).send()
  })
  app.put(
    '/images/:id/members/:member',
    { schema: { params: MemberPath } },
    async ({ caller, params: { id, member } }, reply) => {
      await changeMembers(service, caller, id, (present) => [...present, member])
      return reply.code(204).send()
    },
  )
  app.delete(
    '/images/:id/members/:member',
    { schema: { params: MemberPath } },
    async ({ caller, params: { id, member } }, reply) => {
      await changeMembers(service, caller, id, (present) => present.filter((each) => each !== member))
      return reply.code(204).send()
    },
  )
}

/** Leaves out what was not said. */
function definedOnly<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
