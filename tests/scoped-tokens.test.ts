// Tokens with scopes, shown on every route that is declared: one that may only read changes nothing anywhere, and one
// that is for one service is refused by all others. A new route cannot be forgotten: one whose service is not known here
// fails the test.
import { createTestToken } from '@synnefo/identity/testing'
import { SCOPED_SERVICES, type ScopedService } from '@synnefo/identity/wire/token-scopes.ts'
import { type Route, routesOf } from '@synnefo/lib/http'
import { raw, sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { openWholeCloud, type WholeCloud } from './cloud.ts'

/** Which service an address belongs to; `page`: those of the web page and of visitors, where no token with scopes counts. */
const PLACES: [RegExp, ScopedService | 'page'][] = [
  [/^\/astakos\/(account|identity)(\/|$)/, 'account'],
  [/^\/pithos\/_astakos\/(account|identity)(\/|$)/, 'account'],
  [/^(\/pithos\/object-store|\/v1)(\/|$)/, 'object-store'],
  [/^\/cyclades\/compute(\/|$)/, 'compute'],
  [/^\/cyclades\/network(\/|$)/, 'network'],
  [/^\/cyclades\/image(\/|$)/, 'image'],
  [/^\/cyclades\/volume(\/|$)/, 'volume'],
  [/^(\/|\/\*|\/health(\/live|\/ready)?|\/favicon\.ico)$/, 'page'],
  [/^\/pithos\/(public|ui|_astakos\/ui)(\/|$)/, 'page'],
  [/^\/(ui|assets|admin|static)(\/|$)/, 'page'],
  [/^\/cyclades\/consoles\//, 'page'],
  [/^\/astakos(\/|$)/, 'page'],
]

const placeOf = ({ url }: Route) => PLACES.find(([pattern]) => pattern.test(url))?.[1]

async function openCloud(finished: typeof onTestFinished) {
  const chosen = { ASTAKOS_ADMIN_API_ENABLED: true, ASTAKOS_ADMIN_API_PERMITTED_GROUPS: ['admin'] }
  const cloud = await openWholeCloud(finished, { chosen })
  const alice = await cloud.person({ roles: ['admin'] })
  const account = `/pithos/object-store/v1/${alice.uuid}`
  const send = (token: string | undefined, { method, url }: Route) => {
    const path = url.replace(/\/v1(\.0)?\/\*$/, `/v1$1/${alice.uuid}/things/one`).replace(/:\w+|\*/g, '1')
    return fetch(`${cloud.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(token ? { 'X-Auth-Token': token } : {}), ...(HAS_BODY.includes(method) ? JSON_TYPE : {}) },
      ...(HAS_BODY.includes(method) ? { body: BODY } : {}),
    })
  }
  for (const path of ['/things', '/things/one']) {
    const made = await fetch(`${cloud.url}${account}${path}`, {
      method: 'PUT',
      headers: { 'X-Auth-Token': alice.token, 'Content-Type': 'text/plain' },
      body: '1',
    })
    expect(made.status).toBe(201)
  }
  // The key that signs ID tokens is made when it is first asked for, by whomever.
  await fetch(`${cloud.url}/astakos/oauth2/.well-known/openid-configuration`)
  await cloud.settle()
  const routes = routesOf(cloud.app).filter(({ method }) => !['OPTIONS', 'TRACE'].includes(method))
  expect(routes.filter((route) => placeOf(route) === undefined)).toEqual([])
  return { cloud, alice, send, routes }
}

const HAS_BODY = ['POST', 'PUT', 'PATCH', 'DELETE', 'COPY', 'MOVE']
const JSON_TYPE = { 'Content-Type': 'application/json' }
/** Something in it for whoever looks into bodies before he looks at tokens. */
const BODY = JSON.stringify({ server: { name: 'x' }, start: {}, keypair: { name: 'x' }, metadata: { a: 'b' }, project: '1' })

/** Everything that services keep, apart from what is noted about the asking itself. */
async function stateOf({ services: { db } }: WholeCloud): Promise<Record<string, string>> {
  const tables = await db.any<{ name: string }>(sql`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'attempts' ORDER BY 1`)
  expect(tables.length).toBeGreaterThan(30)
  const state: Record<string, string> = {}
  for (const { name } of tables) {
    const rows = await db.any<{ row: string }>(
      sql`SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${raw(name)} t ORDER BY 1`,
    )
    state[name] = rows.map(({ row }) => row).join('\n')
  }
  return state
}

test('a token that may only read changes nothing, on any route', async ({ onTestFinished }) => {
  const { cloud, alice, send, routes } = await openCloud(onTestFinished)
  const reader = await createTestToken(cloud.services.identity, alice.uuid, { scopes: ['all:read'] })
  const before = await stateOf(cloud)
  const wrong: unknown[] = []
  let reads = 0
  for (const route of routes) {
    const guarded = (await send(undefined, route)).status === 401
    const { status } = await send(reader, route)
    if (status < 300 && guarded) reads += 1
    const changes = HAS_BODY.includes(route.method) && !READ_BY_POST.test(route.url)
    if (guarded && changes && ![401, 403].includes(status)) wrong.push([route, status])
  }
  expect(wrong).toEqual([])
  expect(reads).toBeGreaterThan(20)
  expect(await stateOf(cloud)).toEqual(before)
})

/** What a token with scopes, even all of them, is not for. */
const OF_THE_OWNER = [/^\/astakos\/identity\/v2.0\/users(\/|$|\.)/, /^\/astakos\/account\/v1.0\/myaccount\//]

test('no scope reaches the account itself, or a token without scopes', async ({ onTestFinished }) => {
  const { cloud, alice, send, routes } = await openCloud(onTestFinished)
  const token = await createTestToken(cloud.services.identity, alice.uuid, { scopes: ['account', 'all:read', 'object-store'] })
  const asked = routes.filter(({ url }) => OF_THE_OWNER.some((pattern) => pattern.test(url)))
  const statuses = new Set<number>()
  for (const route of asked) if ((await send(undefined, route)).status === 401) statuses.add((await send(token, route)).status)
  expect([...statuses]).toEqual([403])
})

/** Asks who is behind ids. */
const READ_BY_POST = /\/user_catalogs(\/|\.json|\.xml)?$/

test('a token for one service is refused by all others, and by everything about the account', async ({ onTestFinished }) => {
  const { cloud, alice, send, routes } = await openCloud(onTestFinished)
  const wrong: unknown[] = []
  const reached = new Set<ScopedService>()
  const guarded: Route[] = []
  for (const route of routes) if ((await send(undefined, route)).status === 401) guarded.push(route)
  for (const service of SCOPED_SERVICES) {
    const token = await createTestToken(cloud.services.identity, alice.uuid, { scopes: [service] })
    for (const route of guarded) {
      const own = placeOf(route) === service
      if (own && route.method !== 'GET') continue
      const { status } = await send(token, route)
      if (own && status < 300) reached.add(service)
      if (!own && ![401, 403].includes(status)) wrong.push([service, route, status])
    }
  }
  expect(wrong).toEqual([])
  expect([...reached].sort()).toEqual([...SCOPED_SERVICES].sort())
})
