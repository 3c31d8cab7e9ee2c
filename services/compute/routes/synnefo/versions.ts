import type { App } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'

/** Version documents need no token (§2.7). */
export async function versions(app: App, { compute }: { compute: Compute }): Promise<void> {
  const version = () => ({
    id: 'v2.0',
    status: 'CURRENT',
    updated: '2011-01-21T11:33:21-06:00',
    links: [{ rel: 'self', href: `${compute.baseUrl()}/cyclades/compute/v2.0/` }],
  })
  const all = async () => ({ versions: [version()] })
  app.get('/', all)
  app.get('/v2.0/', async () => ({
    version: {
      ...version(),
      media_types: [{ base: 'application/json', type: 'application/vnd.openstack.compute.v2+json' }],
    },
  }))
}
