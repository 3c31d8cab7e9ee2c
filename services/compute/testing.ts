// For the tests of this service and of the whole cloud: compute on a fresh database over a simulated hypervisor.

import websocket from '@fastify/websocket'
import { openSimulated, type Simulated, type SimulatedOptions } from '@synnefo/engine-hypervisor'
import { type Identity, migrations as identityMigrations, pendingCommissions, quotasOf } from '@synnefo/identity'
import { createTestUser, openTestIdentity, type TestUser, type TestUserOptions } from '@synnefo/identity/testing'
import { imageSettings, registerImage } from '@synnefo/image'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import { type OnTestFinished, openTestDatabase } from '@synnefo/lib/testing'
import { migrations as networkMigrations, networkSettings, seedNetwork } from '@synnefo/network'
import { migrations as objectStoreMigrations } from '@synnefo/object-store'
import { openTestStore, pithosRoutes } from '@synnefo/object-store/testing'
import { migrations as volumeMigrations } from '@synnefo/volume'
import { type Compute, type ComputeSettings, computeSettings, migrations, openCompute, seedCompute } from './index.ts'
import { computeRoutes, consoleSockets } from './routes/index.ts'
import { computeTasks } from './tasks/index.ts'

type Values<D> = { [Name in keyof D]: D[Name] extends { default: infer T } ? T : never }

/** The values that settings have in a new cloud. */
function defaultsOf<D extends Record<string, { default: unknown }>>(declarations: D): Values<D> {
  return Object.fromEntries(Object.entries(declarations).map(([name, { default: value }]) => [name, value])) as Values<D>
}

export interface TestCompute {
  db: Db
  identity: Identity
  compute: Compute
  hypervisor: Simulated
  url: string
  person(options?: TestUserOptions): Promise<TestPerson>
  /** Runs the tasks until none has work left. */
  settle(): Promise<void>
  /** Runs each task once. */
  look(): Promise<void>
  /** What a person uses of each resource. */
  usage(person: TestUser): Promise<Record<string, bigint>>
  /** Serials of commissions that nobody has resolved. */
  pending(): Promise<bigint[]>
}

export interface TestPerson extends TestUser {
  /** `path` is below /cyclades/compute/v2.0. */
  send(method: string, path: string, body?: unknown): Promise<TestAnswer>
  /** A public image of some bytes, owned by this person. */
  image(options?: { name?: string; public?: boolean; bytes?: number }): Promise<string>
  /** Makes a server and answers its id; it is still being built. */
  server(fields?: Record<string, unknown>): Promise<number>
}

export interface TestAnswer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
}

export async function openTestCompute(
  onTestFinished: OnTestFinished,
  { settings = {}, simulated = {} }: { settings?: Partial<ComputeSettings>; simulated?: SimulatedOptions } = {},
): Promise<TestCompute> {
  const db = await openTestDatabase(onTestFinished, [
    identityMigrations,
    objectStoreMigrations,
    networkMigrations,
    volumeMigrations,
    migrations,
  ])
  const identity = await openTestIdentity(onTestFinished, db)
  const objectStore = await openTestStore(db)
  const hypervisor = openSimulated(simulated)
  onTestFinished(() => hypervisor.close())
  const baseUrl = () => 'http://127.0.0.1'
  const compute = await openCompute({
    db,
    identity,
    objectStore,
    log: silentLog,
    settings: { ...defaultsOf(computeSettings), ...settings },
    backends: [{ name: 'simulated', kind: 'simulated', hypervisor }],
    baseUrl,
  })
  onTestFinished(() => compute.close())
  await db.transaction(async (tx) => {
    await seedNetwork(tx, defaultsOf(networkSettings))
    await seedCompute(tx)
  })
  const images = { db, identity, objectStore, settings: defaultsOf(imageSettings), baseUrl }
  const app = openHttp({ log: silentLog })
  await app.register(websocket)
  await app.register(pithosRoutes, { prefix: '/pithos', store: objectStore, identity })
  await app.register(consoleSockets, { compute })
  await app.register(computeRoutes, { prefix: '/cyclades/compute', compute })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  const tasks = openTasks(db, silentLog, computeTasks, { compute })

  async function person(options?: TestUserOptions): Promise<TestPerson> {
    const user = await createTestUser(identity, options)
    const { token, uuid, caller } = user
    const ask = async (method: string, address: string, body?: unknown, headers: Record<string, string> = {}) => {
      const answer = await fetch(address, {
        method,
        headers: { 'X-Auth-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
      }
    }
    const send: TestPerson['send'] = (method, path, body) => ask(method, `${url}/cyclades/compute/v2.0${path}`, body)
    const image: TestPerson['image'] = async ({ name = 'Mini', public: isPublic = false, bytes = 1000 } = {}) => {
      const account = `${url}/pithos/object-store/v1/${uuid}`
      await ask('PUT', `${account}/images`)
      await ask('PUT', `${account}/images/${name}`, name.padEnd(bytes, '.'), { 'Content-Type': 'application/octet-stream' })
      const place = { account: uuid, container: 'images', name }
      const registered = await registerImage(images, caller, place, {
        name,
        public: isPublic,
        properties: { osfamily: 'linux', root_partition: '1' },
      })
      return registered.id
    }
    const server: TestPerson['server'] = async (fields = {}) => {
      const imageRef = 'imageRef' in fields ? fields['imageRef'] : await image()
      const answer = await send('POST', '/servers', { server: { name: 'web', flavorRef: 1, imageRef, ...fields } })
      if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`)
      return answer.body.server.id
    }
    return { ...user, send, image, server }
  }
  return {
    db,
    identity,
    compute,
    hypervisor,
    url,
    person,
    settle: () => tasks.settle(),
    look: async () => {
      for (const { name } of computeTasks) await tasks.runOnce(name)
    },
    usage: async ({ uuid }) => {
      const rows = await quotasOf(db, uuid)
      return Object.fromEntries(
        rows.filter(({ resource }) => resource.startsWith('cyclades.')).map(({ resource, usage }) => [resource, usage]),
      )
    },
    pending: () => pendingCommissions(db, 'cyclades'),
  }
}
