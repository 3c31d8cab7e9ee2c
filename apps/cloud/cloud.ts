// What answers on the one port and works behind it, wired together.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { computeTasks } from '@synnefo/compute/tasks'
import { ensureFirstAdministrator, openErrorReports, openMailer } from '@synnefo/identity'
import { identityTasks } from '@synnefo/identity/tasks'
import { type App, openHttp, plainSpelling } from '@synnefo/lib/http'
import { openTasks, type TaskRunner } from '@synnefo/lib/tasks'
import { presentAddress } from '@synnefo/object-store/routes'
import { tasks as objectStoreTasks } from '@synnefo/object-store/tasks'
import { serveAll } from './routes.ts'
import { openServices, type Services, type ServicesOptions } from './services.ts'
import { watchStorage } from './storage-watch.ts'

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
  const services = await openServices({ ...options, byIndex: true })
  const { db, identity, objectStore, queue, compute } = services
  const first = await firstAdministrator(folders.secrets)
  if (first && (await ensureFirstAdministrator(identity, first))) log.info('made the first administrator')

  const storage = watchStorage(folders.blocks, log, () => db.announce({ topic: 'session', userIds: [] }))
  const trustProxy = settings.SYNNEFO_TRUSTED_PROXIES
  const app = openHttp({
    log,
    trustProxy: trustProxy.length > 0 ? trustProxy : false,
    onUnexpected: openErrorReports(identity),
    // Only where ids stand in addresses: a name of an object may end as it likes.
    spelling: (path) => (path.startsWith('/cyclades/') ? plainSpelling(path) : presentAddress(path)),
  })
  await serveAll(app, { services, mailer, storageFull: storage.isFull, webFolder: folders.web })

  const hands = { identity, mailer, objectStore, queue, compute }
  const tasks = openTasks<typeof hands>(db, log, [...identityTasks, ...objectStoreTasks, ...computeTasks], hands)
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
