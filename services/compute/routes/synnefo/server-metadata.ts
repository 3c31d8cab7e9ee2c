import { Fault } from '@synnefo/lib/fault'
import { type App, idInPath, Type } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'
import { removeMetadata, updateMetadata } from '../../servers/metadata.ts'
import { showServer } from '../../servers/view.ts'
import { asTexts, IdPath, MetadataItems } from './shapes.ts'

const KeyPath = Type.Object({ id: Type.String(), key: Type.String() })

/** §3.7 */
export async function serverMetadata(app: App, { compute }: { compute: Compute }): Promise<void> {
  app.get('/servers/:id/metadata', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    metadata: (await showServer(compute, caller, idInPath(params.id))).metadata,
  }))
  app.post(
    '/servers/:id/metadata',
    { schema: { params: IdPath, body: Type.Object({ metadata: MetadataItems }) } },
    async ({ caller, params, body }, reply) => {
      reply.code(201)
      return { metadata: await updateMetadata(compute, caller, idInPath(params.id), asTexts(body.metadata)) }
    },
  )
  app.get('/servers/:id/metadata/:key', { schema: { params: KeyPath } }, async ({ caller, params: { id, key } }) => {
    const { metadata } = await showServer(compute, caller, idInPath(id))
    if (!Object.hasOwn(metadata, key)) throw new Fault('itemNotFound', `Server ${id} has no metadata item '${key}'.`)
    return { meta: { [key]: metadata[key] } }
  })
  app.put(
    '/servers/:id/metadata/:key',
    { schema: { params: KeyPath, body: Type.Object({ meta: MetadataItems }) } },
    async ({ caller, params: { id, key }, body }, reply) => {
      const items = asTexts(body.meta)
      if (Object.keys(items).length !== 1 || !Object.hasOwn(items, key))
        throw new Fault('badRequest', `Field 'meta' of the body must hold '${key}' and nothing else.`)
      await updateMetadata(compute, caller, idInPath(id), items)
      reply.code(201)
      return { meta: items }
    },
  )
  app.delete('/servers/:id/metadata/:key', { schema: { params: KeyPath } }, async ({ caller, params: { id, key } }, reply) => {
    await removeMetadata(compute, caller, idInPath(id), key)
    return reply.code(204).send()
  })
}
