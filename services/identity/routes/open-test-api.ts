// For the tests of the routes: the HTTP side of identity over a fresh database, asked without a network.
import { openSimulated, type SimulatedMailer } from '@synnefo/engine-mail'
import { type App, openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import { openTasks, type TaskRunner } from '@synnefo/lib/tasks'
import { openTestDatabase } from '@synnefo/lib/testing'
import type { onTestFinished } from 'vitest'
import { type Identity, migrations, sessionGateway, tokenCookie } from '../index.ts'
import { showComponentToken } from '../registry/components.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { findComponent } from '../store/components.ts'
import { identityTasks } from '../tasks/index.ts'
import { openTestIdentity } from '../testing.ts'
import { identityRoutes } from './index.ts'

export interface TestApi {
  app: App
  db: Db
  identity: Identity
  mailer: SimulatedMailer
  tasks: TaskRunner
  serviceToken(component: string): Promise<string>
}

export async function openTestApi(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}): Promise<TestApi> {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, { settings })
  const mailer = openSimulated()
  const app = openHttp({ log: silentLog })
  finished(() => app.close())
  await app.register(sessionGateway, { identity })
  await app.register(tokenCookie, { identity })
  await app.register(identityRoutes, { identity, mailer, plainHttpOnLoopback: true })
  await app.ready()
  return {
    app,
    db,
    identity,
    mailer,
    tasks: openTasks(db, silentLog, identityTasks, { identity, mailer }),
    serviceToken: async (name) => showComponentToken(identity, (await findComponent(db, name))!),
  }
}
