// For the tests of the routes: the HTTP side of identity over a fresh database, asked without a network.
import { openSimulated, type SimulatedMailer } from '@synnefo/engine-mail'
import { type App, openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import { openTasks, type TaskRunner } from '@synnefo/lib/tasks'
import { openTestDatabase } from '@synnefo/lib/testing'
import type { FastifyRequest } from 'fastify'
import type { onTestFinished } from 'vitest'
import { type Identity, migrations, sessionGateway, tokenCookie } from '../index.ts'
import { openWitness, type State } from '../open-test-witness.ts'
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
  await watch(app, db, finished)
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

/** Whatever a request changes is on record: a test whose requests changed something silently fails when it ends. */
async function watch(app: App, db: Db, finished: typeof onTestFinished): Promise<void> {
  const witness = await openWitness(db)
  const before = new WeakMap<FastifyRequest, State>()
  const silent = new Set<string>()
  // Reading an API changes nothing; addresses of pages may, such as the one that signs out.
  const isLookedAt = ({ method, url }: FastifyRequest) => !['GET', 'HEAD'].includes(method) || url.startsWith('/astakos/ui/')
  app.addHook('onRequest', async (request) => {
    if (isLookedAt(request)) before.set(request, await witness.look())
  })
  app.addHook('onSend', async (request) => {
    const state = before.get(request)
    const change = state && (await witness.unrecorded(state))
    if (change) silent.add(`${request.method} ${request.routeOptions.url} changed ${change}`)
  })
  finished(() => {
    if (silent.size > 0) throw new Error(`Nothing is on record about this: ${[...silent].join('; ')}`)
  })
}
