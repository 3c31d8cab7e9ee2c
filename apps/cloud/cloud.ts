// What answers on the one port and works behind it, wired together.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import websocket from '@fastify/websocket'
import { computeRoutes, consoleSockets } from '@synnefo/compute/routes'
import { computeTasks } from '@synnefo/compute/tasks'
import { ensureFirstAdministrator, openMailer, sessionGateway, tokenCookie } from '@synnefo/identity'
import { identityRoutes } from '@synnefo/identity/routes'
import { identityTasks } from '@synnefo/identity/tasks'
import { imageRoutes } from '@synnefo/image/routes'
import { type App, openHttp, plainSpelling } from '@synnefo/lib/http'
import { sql } from '@synnefo/lib/sql'
import { openTasks, type TaskRunner } from '@synnefo/lib/tasks'
import { networkRoutes } from '@synnefo/network/routes'
import { pithosRoutes } from '@synnefo/object-store/routes'
import { tasks as objectStoreTasks } from '@synnefo/object-store/tasks'
import { volumeRoutes } from '@synnefo/volume/routes'
import { liveUpdates } from './live.ts'
import { openServices, type Services, type ServicesOptions } from './services.ts'
import { watchStorage } from './storage-watch.ts'
import { webPage } from './web-page.ts'

export interface CloudOptions extends ServicesOptions {
  folders: ServicesOptions['folders'] & {
    mail: string
    /** The built web UI; without it only the APIs are served. */
    web?: string
  }
}

export interface Cloud {
  app: App
  services: Services
  tasks: TaskRunner
  close(): Promise<void>
}

/** Not listening and not working yet. */
export async function openCloud(options: CloudOptions): Promise<Cloud> {
  const { log, settings, folders } = options
  const mailer = await openMailer(settings, folders.mail)
  const services = await openServices(options)
  const { db, identity, objectStore, network, image, volume, compute } = services
  const first = await firstAdministrator(folders.secrets)
  if (first && (await ensureFirstAdministrator(identity, first))) log.info('made the first administrator')

  const storage = watchStorage(folders.blocks, log, () => db.announce({ topic: 'session', userIds: [] }))
  const trustProxy = settings.SYNNEFO_TRUSTED_PROXIES
  const app = openHttp({
    log,
    trustProxy: trustProxy.length > 0 ? trustProxy : false,
    // Only where ids stand in addresses: a name of an object may end as it likes.
    spelling: (path) => (path.startsWith('/cyclades/') ? plainSpelling(path) : path),
  })
  app.get('/health', async () => {
    await db.one(sql`SELECT 1`)
    return { status: 'ok' }
  })
  await app.register(websocket)
  await app.register(sessionGateway, { identity })
  await app.register(tokenCookie, { identity })
  await app.register(identityRoutes, { identity, mailer, storageFull: storage.isFull })
  await app.register(pithosRoutes, { prefix: '/pithos', identity, store: objectStore })
  await app.register(networkRoutes, { prefix: '/cyclades/network', network })
  await app.register(imageRoutes, { prefix: '/cyclades/image', image })
  await app.register(volumeRoutes, { prefix: '/cyclades/volume', volume })
  await app.register(computeRoutes, { prefix: '/cyclades/compute', compute })
  await app.register(consoleSockets, { compute })
  await app.register(liveUpdates, { identity })
  if (folders.web) await app.register(webPage, { folder: folders.web })

  const tasks = openTasks(db, log, [...identityTasks, ...objectStoreTasks, ...computeTasks], { identity, mailer, compute })
  return {
    app,
    services,
    tasks,
    async close() {
      storage.stop()
      await tasks.stop()
      await mailer.close()
      await services.close()
    },
  }
}

/** What `up` offers; absent once it was shown. */
async function firstAdministrator(folder: string): Promise<{ email: string; password: string } | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'first-administrator.json'), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
