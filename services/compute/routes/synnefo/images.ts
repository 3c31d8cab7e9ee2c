// Images as compute clients see them (§7): kamaki asks for the image before it creates a server.
import { type Image, imagesVisibleTo } from '@synnefo/image'
import { Fault } from '@synnefo/lib/fault'
import { type App, dateText, linksTo, Type } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'

const STATUSES: Record<Image['status'], string> = { AVAILABLE: 'ACTIVE', UNAVAILABLE: 'SAVING', ERROR: 'ERROR' }
const ImagePath = Type.Object({ id: Type.String() })

export async function images(app: App, { compute }: { compute: Compute }): Promise<void> {
  const { db } = compute
  const full = (image: Image) => ({
    id: image.id,
    name: image.name,
    created: dateText(image.createdAt),
    updated: dateText(image.updatedAt),
    status: STATUSES[image.status],
    progress: image.status === 'AVAILABLE' ? 100 : 0,
    user_id: image.owner,
    tenant_id: image.owner,
    public: image.public,
    links: [
      ...linksTo(`${compute.baseUrl()}/cyclades/compute/v2.0/images/${image.id}`),
      { rel: 'alternate', href: `${compute.baseUrl()}/cyclades/image/v1.0/images/${image.id}` },
    ],
    metadata: image.properties,
    is_snapshot: image.isSnapshot,
  })
  const byId = (a: Image, b: Image) => (a.id < b.id ? -1 : 1)

  app.get('/images', async ({ caller }) => ({
    images: (await imagesVisibleTo(db, caller)).sort(byId).map(({ id, name }) => ({ id, name })),
  }))
  app.get('/images/detail', async ({ caller }) => ({ images: (await imagesVisibleTo(db, caller)).sort(byId).map(full) }))
  app.get('/images/:id', { schema: { params: ImagePath } }, async ({ caller, params }) => {
    const image = (await imagesVisibleTo(db, caller)).find(({ id }) => id === params.id)
    if (!image) throw new Fault('itemNotFound', `Image ${params.id} does not exist.`)
    return { image: full(image) }
  })
}
