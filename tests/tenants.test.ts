// Two tenants. Every route that names a thing is asked by one person for things of another, and must answer exactly as
// for things that do not exist. The walk is over the routes that are declared, so a new one cannot be forgotten: a
// route whose ids are not known here fails the test.

import { routesOf } from '@synnefo/lib/http'
import { expect, test } from 'vitest'
import { openWholeCloud } from './cloud.ts'

/** Occurs in every name that Alice gives; nobody else ever sees it. */
const MARK = 'alices-own-7f3a'
const NOWHERE_UUID = '00000000-0000-4000-8000-000000000000'

/** Routes without things of a person in their address, or whose things are everybody's. */
const PUBLIC = [
  /^\/health$/,
  /^\/ui\//,
  /^\/astakos\//, // one's own account only, or a secret in the address
  /^\/cyclades\/compute\/v2.0\/(flavors|extensions)/,
  /^\/cyclades\/volume\/v2(\.0)?\/types/,
  /^\/cyclades\/network\/v2.0\/(networks|subnets|floatingips)/,
  /^\/cyclades\/consoles\//, // tickets are secrets, tested with the consoles
]

interface Asked {
  method: string
  theirs: string
  nobodys: string
}

test('things of another person answer as if they did not exist, on every route', async ({ onTestFinished }) => {
  const cloud = await openWholeCloud(onTestFinished)
  const alice = await cloud.person()
  const bob = await cloud.person()
  const send = (token: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${cloud.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { 'X-Auth-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })

  const account = `/pithos/object-store/v1/${alice.uuid}`
  await send(alice.token, 'PUT', `${account}/${MARK}`)
  await send(alice.token, 'PUT', `${account}/${MARK}/${MARK}.img`, MARK, { 'Content-Type': 'application/octet-stream' })
  const registered = await send(alice.token, 'POST', '/cyclades/image/v1.0/images/', undefined, {
    'X-Image-Meta-Name': MARK,
    'X-Image-Meta-Location': `pithos://${alice.uuid}/${MARK}/${MARK}.img`,
  })
  const imageId = registered.headers.get('x-image-meta-id')!
  await send(alice.token, 'POST', '/cyclades/compute/v2.0/os-keypairs', { keypair: { name: MARK } })
  const created = await send(alice.token, 'POST', '/cyclades/compute/v2.0/servers', {
    server: { name: MARK, flavorRef: 1, imageRef: imageId, metadata: { [MARK]: MARK } },
  })
  expect(created.status).toBe(202)
  await cloud.settle()
  const { server } = (await created.json()) as { server: { id: number; volumes: number[] } }
  const { ports } = (await (await send(alice.token, 'GET', '/cyclades/network/v2.0/ports')).json()) as { ports: { id: string }[] }

  /** For each place: Alice's id, and one that nobody has. */
  const IDS: [RegExp, Record<string, [string, string]>][] = [
    [/^\/cyclades\/compute\/v2.0\/servers\/:id/, { id: [String(server.id), '4711'], key: [MARK, MARK], network: ['1', '1'] }],
    [/^\/cyclades\/compute\/v2.0\/images\/:id/, { id: [imageId, NOWHERE_UUID] }],
    [/^\/cyclades\/compute\/v2.0\/os-keypairs\/:name/, { name: [MARK, 'nobodys'] }],
    [/^\/cyclades\/network\/v2.0\/ports\/:id/, { id: [ports[0]!.id, '4711'] }],
    [/^\/cyclades\/volume\/v2(\.0)?\/volumes\/:id/, { id: [String(server.volumes[0]), '4711'] }],
    [/^\/cyclades\/image\/v1(\.0)?\/images\/:id/, { id: [imageId, NOWHERE_UUID], member: [bob.uuid, bob.uuid] }],
    [/^\/cyclades\/image\/v1(\.0)?\/shared-images\/:member/, { member: [alice.uuid, NOWHERE_UUID] }],
  ]
  const BODIES: [RegExp, unknown][] = [
    [/\/action$/, { start: {} }],
    [/\/metadata$/, { metadata: { a: 'b' } }],
    [/\/metadata\/:key$/, { meta: { [MARK]: 'b' } }],
    [/\/servers\/:id$/, { server: { name: 'mine' } }],
    [/\/members$/, { memberships: [] }],
  ]

  const asked: (Asked & { url: string })[] = []
  const forgotten: string[] = []
  for (const { method, url } of routesOf(cloud.app)) {
    if (!/[:*]/.test(url) || PUBLIC.some((pattern) => pattern.test(url))) continue
    if (url.startsWith('/pithos')) continue // below: one route serves every address
    const ids = IDS.find(([pattern]) => pattern.test(url))?.[1]
    const fill = (which: 0 | 1) => url.replace(/:(\w+)/g, (_, name: string) => ids?.[name]?.[which] ?? `?${name}`)
    if (!ids || fill(0).includes('?')) forgotten.push(`${method} ${url}`)
    else asked.push({ method, url, theirs: fill(0), nobodys: fill(1) })
  }
  expect(forgotten).toEqual([])
  expect(asked.length).toBeGreaterThan(30)
  for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'COPY', 'MOVE']) {
    const nobody = `/pithos/object-store/v1/${NOWHERE_UUID}`
    for (const rest of ['', `/${MARK}`, `/${MARK}/${MARK}.img`])
      asked.push({ method, url: '/pithos', theirs: account + rest, nobodys: nobody + rest })
    const viewOf = (owner: string) => `/pithos/ui/view/${owner}/${MARK}/${MARK}.img`
    asked.push({ method, url: '/pithos', theirs: viewOf(alice.uuid), nobodys: viewOf(NOWHERE_UUID) })
  }

  for (const { method, url, theirs, nobodys } of asked) {
    const body = ['PUT', 'POST'].includes(method) ? BODIES.find(([pattern]) => pattern.test(url))?.[1] : undefined
    const one = await send(bob.token, method, theirs, body)
    const other = await send(bob.token, method, nobodys, body)
    const [text, otherText] = [await one.text(), await other.text()]
    const names = [alice.uuid, NOWHERE_UUID, imageId, server.id, ports[0]!.id, server.volumes[0], 4711, MARK, 'nobodys']
    const neutral = (answer: string) => answer.replace(new RegExp(`\\b(${names.join('|')})\\b`, 'g'), '…')
    expect([method, theirs, one.status]).toEqual([method, theirs, other.status])
    expect(neutral(text)).toBe(neutral(otherText))
    if (!theirs.includes(MARK)) expect(text).not.toContain(MARK)
    if (one.status < 400) expect([method, theirs, text]).toEqual([method, theirs, otherText])
  }

  // Lists of everything one may see hold nothing of hers, and she still has all of it.
  for (const path of [
    '/cyclades/compute/v2.0/servers/detail',
    '/cyclades/compute/v2.0/images/detail',
    '/cyclades/compute/v2.0/os-keypairs',
    '/cyclades/network/v2.0/ports',
    '/cyclades/volume/v2.0/volumes/detail',
    '/cyclades/image/v1.0/images/detail',
    '/pithos/object-store/v1',
  ]) {
    const list = await (await send(bob.token, 'GET', path)).text()
    expect(list).not.toMatch(new RegExp(`${MARK}|${alice.uuid}|${imageId}`))
  }
  expect((await send(alice.token, 'GET', `${account}/${MARK}/${MARK}.img`)).status).toBe(200)
  expect(await (await send(alice.token, 'GET', `/cyclades/compute/v2.0/servers/${server.id}`)).json()).toMatchObject({
    server: { name: MARK, status: 'ACTIVE' },
  })
})
