// Everything that answers on the one port: each service below its own path.
import websocket from '@fastify/websocket'
import { computeRoutes, consoleSockets } from '@synnefo/compute/routes'
import type { Mailer } from '@synnefo/engine-mail'
import { sessionGateway, tokenCookie } from '@synnefo/identity'
import { identityRoutes } from '@synnefo/identity/routes'
import { imageRoutes } from '@synnefo/image/routes'
import type { App } from '@synnefo/lib/http'
import { networkRoutes } from '@synnefo/network/routes'
import { pithosRoutes } from '@synnefo/object-store/routes'
import { volumeRoutes } from '@synnefo/volume/routes'
import { serveHealth } from './health.ts'
import { liveUpdates } from './live.ts'
import type { Services } from './services.ts'
import { webPage } from './web-page.ts'

export interface Served {
  services: Services
  mailer: Mailer
  storageFull: () => boolean
  /** The built web UI; without it only the APIs are served. */
  webFolder: string | undefined
}

export async function serveAll(app: App, { services, mailer, storageFull, webFolder }: Served): Promise<void> {
  const { identity, objectStore, network, image, volume, compute } = services
  serveHealth(app, services, identity.log)
  await app.register(websocket)
  await app.register(sessionGateway, { identity })
  await app.register(tokenCookie, { identity })
  await app.register(identityRoutes, { identity, mailer, storageFull })
  await app.register(pithosRoutes, { prefix: '/pithos', identity, store: objectStore })
  await app.register(networkRoutes, { prefix: '/cyclades/network', network })
  await app.register(imageRoutes, { prefix: '/cyclades/image', image })
  await app.register(volumeRoutes, { prefix: '/cyclades/volume', volume })
  await app.register(computeRoutes, { prefix: '/cyclades/compute', compute })
  await app.register(consoleSockets, { compute })
  await app.register(liveUpdates, { identity })
  if (webFolder) await app.register(webPage, { folder: webFolder })
  else app.get('/', async (_request, reply) => reply.redirect('/astakos/'))
}
