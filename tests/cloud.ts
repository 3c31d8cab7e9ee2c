// The whole cloud in one process, wired by the same code that `./synnefo up` starts, over a simulated backend: for the
// tests about rules that go through several services. Tests about machines, networks and processes start the real one.
import { join } from 'node:path'
import { openCloud } from '@synnefo/app-cloud'
import type { Services } from '@synnefo/app-cloud/services'
import { type CloudSettings, settings } from '@synnefo/app-cloud/settings'
import { openSimulated, type Simulated } from '@synnefo/engine-hypervisor'
import { createTestUser, type TestUser, type TestUserOptions } from '@synnefo/identity/testing'
import type { App } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { type OnTestFinished, openTestDatabase, temporaryFolder } from '@synnefo/lib/testing'

export interface WholeCloud {
  app: App
  services: Services
  url: string
  hypervisor: Simulated
  /** An active person with a token. */
  person(options?: TestUserOptions): Promise<TestUser>
  /** Runs the tasks until none has work left. */
  settle(): Promise<void>
}

export interface WholeCloudOptions {
  /** Folder of the built web page; without it only the APIs are served. */
  web?: string
  /** As people call this host: browsers make passkeys for names only. */
  hostName?: string
  /** Settings that differ from those of a new cloud. */
  chosen?: Partial<CloudSettings>
}

export async function openWholeCloud(
  onTestFinished: OnTestFinished,
  { web, hostName = '127.0.0.1', chosen = {} }: WholeCloudOptions = {},
): Promise<WholeCloud> {
  const folder = await temporaryFolder(onTestFinished)
  const { url: databaseUrl } = await openTestDatabase(onTestFinished)
  const hypervisor = openSimulated()
  const defaults = Object.fromEntries(
    Object.entries(settings).map(([name, { default: value }]) => [name, value]),
  ) as CloudSettings
  let url = ''
  const cloud = await openCloud({
    log: silentLog,
    name: 'tests',
    settings: { ...defaults, ...chosen },
    databaseUrl,
    baseUrl: () => url,
    hypervisor,
    folders: {
      blocks: join(folder, 'blocks'),
      mail: join(folder, 'mail'),
      secrets: join(folder, 'secrets'),
      ...(web ? { web } : {}),
    },
  })
  onTestFinished(async () => {
    cloud.app.server.closeAllConnections()
    await cloud.app.close()
    await cloud.close()
  })
  const listening = await cloud.app.listen({ port: 0, host: '127.0.0.1' })
  url = listening.replace('127.0.0.1', hostName)
  return {
    app: cloud.app,
    services: cloud.services,
    url,
    hypervisor,
    person: (options) => createTestUser(cloud.services.identity, options),
    settle: () => cloud.tasks.settle(),
  }
}
