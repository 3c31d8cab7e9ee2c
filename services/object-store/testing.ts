// For the tests of this service and of those above it: an object store on a fresh database, and people who use it.
import { request } from 'node:http'
import { type Blocks, openSimulated } from '@synnefo/engine-blocks'
import { type Identity, migrations as identityMigrations } from '@synnefo/identity'
import { createTestToken, createTestUser, openTestIdentity, type TestUserOptions } from '@synnefo/identity/testing'
import { type App, openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import { type OnTestFinished, openTestDatabase } from '@synnefo/lib/testing'
import { migrations, type ObjectStore, type ObjectStoreSettings, objectStoreSettings, openObjectStore } from './index.ts'
import { pithosRoutes } from './routes/index.ts'

/** Tests of the services above put objects as people do, over HTTP. */
export { pithosRoutes }

/** The values that settings have in a new cloud. */
export const defaultSettings = Object.fromEntries(
  Object.entries(objectStoreSettings).map(([name, { default: value }]) => [name, value]),
) as ObjectStoreSettings

export interface TestObjectStoreOptions {
  blocks?: Blocks
  settings?: Partial<ObjectStoreSettings>
}

/** The service on a database that has the migrations of identity and of this service. */
export async function openTestStore(
  db: Db,
  { blocks = openSimulated(), settings = {} }: TestObjectStoreOptions = {},
): Promise<ObjectStore> {
  return openObjectStore({ db, blocks, settings: { ...defaultSettings, ...settings } })
}

export interface TestAnswer {
  status: number
  headers: Record<string, string | undefined>
  body: Buffer
  text: string
  json(): unknown
}

export interface TestRequest {
  headers?: Record<string, string>
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
}

/** A person who talks HTTP to the service. */
export interface TestClient {
  userId: string
  token: string
  /** `path` is below /pithos/object-store/v1/, escapes included; a path without a leading slash is below the person's own account. */
  send(method: string, path: string, request?: TestRequest): Promise<TestAnswer>
}

export interface TestCloud {
  db: Db
  databaseUrl: string
  identity: Identity
  store: ObjectStore
  app: App
  /** Where the service listens, without a slash at the end. */
  url: string
  user(options?: TestUserOptions): Promise<TestClient>
  /** The same person with a token of these scopes. */
  withToken(person: TestClient, scopes: readonly string[]): Promise<TestClient>
}

/** The whole service, listening. */
export async function openTestCloud(onTestFinished: OnTestFinished, options: TestObjectStoreOptions = {}): Promise<TestCloud> {
  const db = await openTestDatabase(onTestFinished, [identityMigrations, migrations])
  const identity = await openTestIdentity(onTestFinished, db)
  const store = await openTestStore(db, options)
  const app = openHttp({ log: silentLog })
  await app.register(pithosRoutes, { prefix: '/pithos', store, identity })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  function client(userId: string, token: string): TestClient {
    const root = `${url}/pithos/object-store/v1/`
    return {
      userId,
      token,
      send: (method, path, request) =>
        sendRequest(
          method,
          path.startsWith('/')
            ? root + path.slice(1)
            : `${root}${userId}${path === '' || path.startsWith('?') ? '' : '/'}${path}`,
          token,
          request,
        ),
    }
  }
  async function user(userOptions?: TestUserOptions): Promise<TestClient> {
    const { uuid, token } = await createTestUser(identity, userOptions)
    return client(uuid, token)
  }
  const withToken = async ({ userId }: TestClient, scopes: readonly string[]) =>
    client(userId, await createTestToken(identity, userId, { scopes }))
  return { db, databaseUrl: db.url, identity, store, app, url, user, withToken }
}

/** Sends a request as it is: a path with dots or doubled slashes is not tidied up on the way. */
async function sendRequest(
  method: string,
  url: string,
  token: string,
  { headers = {}, body }: TestRequest = {},
): Promise<TestAnswer> {
  const [, host, port, path] = /^http:\/\/([^:/]+):(\d+)(\/.*)$/.exec(url)!
  return new Promise((resolve, reject) => {
    const sent = request({ method, host, port, path, headers: { 'X-Auth-Token': token, ...headers }, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const content = Buffer.concat(chunks)
        const text = content.toString('utf8')
        resolve({
          status: answer.statusCode!,
          headers: answer.headers as Record<string, string | undefined>,
          body: content,
          text,
          json: () => JSON.parse(text),
        })
      })
    })
    sent.on('error', reject)
    if (typeof body === 'object' && Symbol.asyncIterator in body) {
      void (async () => {
        for await (const chunk of body) sent.write(chunk)
        sent.end()
      })().catch((error) => sent.destroy(error))
    } else sent.end(body)
  })
}
