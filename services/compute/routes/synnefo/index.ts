// The original dialect (compute-api.md), below <base>/cyclades/compute.
import { callers } from '@synnefo/identity'
import { openstackDialect } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'
import { extensions } from './extensions.ts'
import { flavors } from './flavors.ts'
import { images } from './images.ts'
import { keyPairs } from './key-pairs.ts'
import { serverActions } from './server-actions.ts'
import { serverMetadata } from './server-metadata.ts'
import { servers } from './servers.ts'
import { versions } from './versions.ts'

export const computeRoutes = openstackDialect<{ compute: Compute }>(async (app, { compute }) => {
  await app.register(versions, { compute })
  await app.register(
    async (api) => {
      await api.register(callers, { identity: compute.identity, service: 'compute' })
      for (const routes of [servers, serverActions, serverMetadata, flavors, keyPairs, images, extensions])
        await routes(api, { compute })
    },
    { prefix: '/v2.0' },
  )
})
