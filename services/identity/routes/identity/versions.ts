import type { Identity } from '../../identity.ts'
import type { Serve } from '../dialect.ts'

const JSON_MEDIA_TYPE = { base: 'application/json', type: 'application/vnd.openstack.identity-v2.0+json' }

export function versionRoutes(serve: Serve, identity: Identity): void {
  const version = () => ({
    id: 'v2.0',
    status: 'CURRENT',
    updated: '2014-04-17T00:00:00Z',
    links: [{ rel: 'self', href: `${identity.baseUrl()}/astakos/identity/v2.0/` }],
  })
  serve('', { GET: async () => ({ versions: { values: [version()] } }) })
  serve('/v2.0', {
    GET: async () => {
      const { links, ...rest } = version()
      const describedBy = { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }
      const mediaTypes = [JSON_MEDIA_TYPE]
      return { version: { ...rest, links: [...links, describedBy], media_types: mediaTypes, 'media-types': mediaTypes } }
    },
  })
}
