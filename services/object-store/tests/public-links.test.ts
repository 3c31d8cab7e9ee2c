// Public links, from the request that makes one to the visitor without an account.
import { sql } from '@synnefo/lib/sql'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { newLinkId } from '../links.ts'
import { forgetLinks } from '../tasks/forget-links.ts'
import type { TestClient, TestObjectStoreOptions } from '../testing.ts'
import { openAlice, put, TEXT } from './alice.ts'

const PUBLIC = { 'X-Object-Public': 'true' }

async function openPublisher(onTestFinished: OnTestFinished, options?: TestObjectStoreOptions) {
  const { cloud, alice } = await openAlice(onTestFinished, options)
  const visit = (link: string, init: RequestInit = {}) =>
    fetch(cloud.url + link.replace('http://cloud.test', ''), { redirect: 'manual', ...init })
  return { cloud, alice, visit }
}

/** Where the link of an object leads; undefined when there is none. */
const linkOf = async (who: TestClient, path = 'pithos/o') => (await who.send('HEAD', path)).headers['x-object-public']
const post = (who: TestClient, headers: Record<string, string>, path = 'pithos/o') =>
  who.send('POST', `${path}?update`, { headers })

test('a published object is read by anybody, with its data and nothing else', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'Hello, Pithos!', {
    ...PUBLIC,
    'X-Object-Meta-Secret': 'of hers',
    'Content-Encoding': 'identity',
    'X-Object-Sharing': 'read=somebody',
  })
  const link = (await linkOf(alice))!
  expect(link).toMatch(/^http:\/\/cloud\.test\/pithos\/public\/[0-9a-zA-Z]{18,22}$/)
  const answer = await visit(link)
  expect([answer.status, await answer.text()]).toEqual([200, 'Hello, Pithos!'])
  const headers = Object.fromEntries(answer.headers)
  expect(headers).toMatchObject({
    available: '1',
    'content-length': '14',
    'content-type': 'text/plain',
    'content-disposition': 'inline; filename="o"',
    'content-encoding': 'identity',
    'content-security-policy': "sandbox; default-src 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    etag: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(Object.keys(headers).filter((name) => name.startsWith('x-') && name !== 'x-content-type-options')).toEqual([])
  expect((await visit(`${link}/`)).status).toBe(200)
  const head = await visit(link, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '14', ''])
  expect((await visit(`${link}?disposition-type=attachment`)).headers.get('content-disposition')).toBe('attachment; filename="o"')
})

test('ranges and conditions hold, older versions and hash lists are not shown', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'older data')
  const { 'x-object-version': older } = (await alice.send('HEAD', 'pithos/o')).headers
  await put(alice, 'o', '0123456789', PUBLIC)
  const link = (await linkOf(alice))!
  const part = await visit(link, { headers: { Range: 'bytes=2-4' } })
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
  expect((await visit(link, { headers: { Range: 'bytes=20-' } })).status).toBe(416)
  const etag = part.headers.get('etag')!
  expect((await visit(link, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  expect((await visit(link, { headers: { 'If-Match': '"other"' } })).status).toBe(412)
  for (const query of [`version=${older}`, 'version=list', 'hashmap', 'hashmap&format=json'])
    expect(await (await visit(`${link}?${query}`)).text()).toBe('0123456789')
})

test('other methods are told what is allowed, and unknown addresses lead nowhere', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data', PUBLIC)
  const link = (await linkOf(alice))!
  for (const method of ['PUT', 'POST', 'DELETE', 'COPY', 'MOVE', 'PATCH']) {
    const answer = await visit(link, { method })
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'HEAD,GET'])
    expect(await answer.json()).toMatchObject({ notAllowed: { code: 405 } })
  }
  for (const path of ['/pithos/public/nobodys', '/pithos/public/%00', '/pithos/public/', '/pithos/public/a%2Fb']) {
    const answer = await visit(path)
    expect([path, answer.status, Object.keys((await answer.json()) as object)]).toEqual([path, 404, ['itemNotFound']])
  }
  const page = await visit('/pithos/public/nobodys', { headers: { Accept: 'text/html,*/*' } })
  expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
})

test('a link follows its path: it survives new data and ends with the object', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  const links = new Set<string>()
  const newLink = async () => {
    const link = (await linkOf(alice))!
    expect(links.has(link)).toBe(false)
    links.add(link)
    return link
  }
  await put(alice, 'o', 'one')
  expect(await linkOf(alice)).toBeUndefined()
  expect((await post(alice, { 'X-Object-Public': 'True' })).status).toBe(202)
  const first = await newLink()
  await post(alice, PUBLIC)
  await put(alice, 'o', 'two')
  await post(alice, { 'X-Object-Meta-A': 'b' })
  expect([await linkOf(alice), await (await visit(first)).text()]).toEqual([first, 'two'])

  const endings: [string, () => Promise<unknown>][] = [
    ['taken back', () => post(alice, { 'X-Object-Public': '' })],
    ['taken back by new data', () => put(alice, 'o', 'x', { 'X-Object-Public': 'false' })],
    ['deleted', () => alice.send('DELETE', 'pithos/o')],
    ['deleted with the rest', () => alice.send('DELETE', 'pithos?delimiter=/')],
    ['purged', () => alice.send('DELETE', 'pithos/o?until=9999999999')],
    ['moved away', () => alice.send('MOVE', 'pithos/o', { headers: { Destination: '/pithos/moved' } })],
  ]
  let link = first
  for (const [how, end] of endings) {
    await end()
    expect([how, (await visit(link)).status]).toEqual([how, 404])
    await put(alice, 'o', 'again')
    expect([how, await linkOf(alice)]).toEqual([how, undefined])
    await post(alice, PUBLIC)
    link = await newLink()
  }
  expect(await linkOf(alice, 'pithos/moved')).toBeUndefined()
})

test('copies and moves are published when the request says so, and what they overwrite keeps its link', async ({
  onTestFinished,
}) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data', PUBLIC)
  const to = (name: string, headers: Record<string, string> = {}) => ({ headers: { Destination: `/pithos/${name}`, ...headers } })
  await alice.send('COPY', 'pithos/o', to('plain'))
  await alice.send('COPY', 'pithos/o', to('copy', PUBLIC))
  expect([await linkOf(alice, 'pithos/plain'), typeof (await linkOf(alice, 'pithos/copy'))]).toEqual([undefined, 'string'])
  const kept = (await linkOf(alice, 'pithos/copy'))!
  await put(alice, 'other', 'other')
  await alice.send('MOVE', 'pithos/other', to('copy'))
  expect(await (await visit(kept)).text()).toBe('other')
  const list = JSON.stringify({ bytes: 5, hashes: [(await alice.send('HEAD', 'pithos/copy')).headers['x-object-hash']] })
  await alice.send('PUT', 'pithos/listed?hashmap', { headers: { ...TEXT, ...PUBLIC }, body: list })
  expect(await (await visit((await linkOf(alice, 'pithos/listed'))!)).text()).toBe('other')
})

test('only the owner publishes and sees the link; others may say that nothing is public where nothing is', async ({
  onTestFinished,
}) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  const bob = await cloud.user()
  const carol = await cloud.user()
  await put(alice, 'o', 'data', { 'X-Object-Sharing': `write=${bob.userId}` })
  const theirs = `/${alice.userId}/pithos/o`
  const by = (headers: Record<string, string>, method = 'POST', query = '?update') =>
    bob.send(method, theirs + query, { headers: { ...TEXT, ...headers }, body: method === 'PUT' ? 'his' : '' })
  expect((await by(PUBLIC)).status).toBe(403)
  expect((await by(PUBLIC, 'PUT', '')).status).toBe(403)
  expect((await by({ 'X-Object-Public-Downloads': '1' })).status).toBe(403)
  expect((await by({ 'X-Object-Public': 'False', 'X-Object-Meta-A': 'b' })).status).toBe(202)
  expect((await by({ 'X-Object-Public': 'False' }, 'PUT', '')).status).toBe(201)
  await post(alice, PUBLIC)
  const link = (await linkOf(alice))!
  expect((await by({ 'X-Object-Public': 'False' })).status).toBe(403)
  expect((await by({ 'X-Object-Public': 'False' }, 'PUT', '')).status).toBe(403)
  expect(await (await visit(link)).text()).toBe('his')
  expect((await bob.send('HEAD', theirs)).headers).not.toHaveProperty('x-object-public')
  const { 'x-object-version': version } = (await alice.send('HEAD', 'pithos/o')).headers
  expect((await alice.send('HEAD', `pithos/o?version=${version}`)).headers).not.toHaveProperty('x-object-public')
  // A link opens no other way to the object.
  for (const query of ['', '?version=list', `?version=${version}`, '?hashmap'])
    expect([query, (await carol.send('GET', theirs + query)).status]).toEqual([query, 403])
  expect((await carol.send('COPY', theirs, { headers: { Destination: '/pithos/o' } })).status).toBe(403)
  expect((await carol.send('GET', `/${alice.userId}`)).status).toBe(403)
})

test('a link reads a manifest only when the owner named its parts', async ({ onTestFinished }) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  const bob = await cloud.user()
  const MANIFEST = { 'X-Object-Manifest': 'pithos/secret/' }
  await put(alice, 'secret/1', 'secret')
  const folder = { 'Content-Type': 'application/directory', 'X-Object-Sharing': `write=${bob.userId}` }
  await put(alice, 'shared', '', folder)
  const shown = async (path: string) => {
    const link = (await linkOf(alice, path))!
    const { status: head } = await visit(link, { method: 'HEAD' })
    const answer = await visit(link)
    return [head, answer.status === 200 ? await answer.text() : answer.status]
  }
  await put(alice, 'open', '', { ...MANIFEST, ...PUBLIC })
  expect(await shown('pithos/open')).toEqual([200, 'secret'])
  await post(alice, { 'X-Object-Meta-Touched': 'yes' }, 'pithos/open')
  await alice.send('COPY', 'pithos/open', { headers: { Destination: '/pithos/copy', ...PUBLIC } })
  expect([await shown('pithos/open'), await shown('pithos/copy')]).toEqual([
    [200, 'secret'],
    [200, 'secret'],
  ])

  // Somebody else who may write names them, and the owner changes something else after that.
  await put(alice, 'shared/o', 'hers', PUBLIC)
  await bob.send('POST', `/${alice.userId}/pithos/shared/o?update`, { headers: MANIFEST })
  expect(await shown('pithos/shared/o')).toEqual([404, 404])
  await post(alice, { 'X-Object-Meta-Touched': 'yes' }, 'pithos/shared/o')
  expect(await shown('pithos/shared/o')).toEqual([404, 404])
  await alice.send('POST', 'pithos/shared/o?update', {
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Range': 'bytes */*' },
    body: '+',
  })
  await alice.send('COPY', 'pithos/shared/o', { headers: { Destination: '/pithos/mine', ...PUBLIC } })
  expect([await shown('pithos/shared/o'), await shown('pithos/mine')]).toEqual([
    [404, 404],
    [404, 404],
  ])
  await bob.send('PUT', 'pithos')
  await put(bob, 'o', 'his', { ...MANIFEST, 'X-Object-Sharing': `read=${alice.userId}` })
  const source = { headers: { 'Destination-Account': alice.userId, Destination: '/pithos/taken', ...PUBLIC } }
  await alice.send('COPY', `/${bob.userId}/pithos/o`, source)
  expect(await shown('pithos/taken')).toEqual([404, 404])
  // He takes a manifest of hers to where a link is, and she touches it.
  await post(alice, { 'X-Object-Sharing': `read=${bob.userId}` }, 'pithos/open')
  for (const query of ['', '?delimiter=/']) {
    await put(alice, 'shared/p', 'hers', PUBLIC)
    const to = { headers: { 'Destination-Account': alice.userId, Destination: '/pithos/shared/p' } }
    expect((await bob.send('COPY', `/${alice.userId}/pithos/open${query}`, to)).status).toBe(201)
    await post(alice, { 'X-Object-Meta-Touched': 'yes' }, 'pithos/shared/p')
    expect(await shown('pithos/shared/p'), query).toEqual([404, 404])
  }
})

test('a token publishes no manifest of parts that it does not reach', async ({ onTestFinished }) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  const MANIFEST = { 'X-Object-Manifest': 'pithos/secret/' }
  await put(alice, 'secret/1', 'secret')
  await put(alice, 'mine/m', '', MANIFEST)
  await put(alice, 'mine/open', 'open', PUBLIC)
  const limited = await cloud.withToken(alice, ['object-store/pithos/mine/'])
  expect((await put(limited, 'mine/o', '', { ...MANIFEST, ...PUBLIC })).status).toBe(403)
  expect((await post(limited, PUBLIC, 'pithos/mine/m')).status).toBe(403)
  expect((await put(limited, 'mine/open', 'open', MANIFEST)).status).toBe(201)
  const link = (await linkOf(alice, 'pithos/mine/open'))!
  expect((await visit(link)).status).toBe(404)
  for (const query of ['', '?delimiter=/']) {
    await put(alice, 'mine/open', 'open')
    expect(await (await visit(link)).text()).toBe('open')
    const to = { headers: { Destination: '/pithos/mine/open' } }
    expect((await limited.send('COPY', `pithos/mine/m${query}`, to)).status).toBe(201)
    expect((await visit(link)).status, query).toBe(404)
  }
  await put(limited, 'mine/parts/1', 'part')
  expect((await put(limited, 'mine/own', '', { 'X-Object-Manifest': 'pithos/mine/parts/', ...PUBLIC })).status).toBe(201)
  expect(await (await visit((await linkOf(alice, 'pithos/mine/own'))!)).text()).toBe('part')
})

const REFUSED: Record<string, string>[] = [
  { 'X-Object-Public': 'maybe' },
  { ...PUBLIC, 'X-Object-Public-Expires': 'soon' },
  { ...PUBLIC, 'X-Object-Public-Expires': '2001-09-09' },
  { ...PUBLIC, 'X-Object-Public-Expires': '9999999999' },
  { ...PUBLIC, 'X-Object-Public-Downloads': '0' },
  { ...PUBLIC, 'X-Object-Public-Downloads': '-1' },
  { ...PUBLIC, 'X-Object-Public-Password': 'x'.repeat(257) },
  { 'X-Object-Public': 'false', 'X-Object-Public-Downloads': '1' },
  { 'X-Object-Public-Downloads': '1' },
]

test('what makes no sense is refused with the name of the header, and changes nothing', async ({ onTestFinished }) => {
  const { alice } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data')
  for (const headers of REFUSED) {
    const answer = await post(alice, { ...headers, 'X-Object-Meta-A': 'b' })
    const message = expect.stringMatching(/X-Object-Public|link/)
    expect([headers, answer.status, answer.json()]).toEqual([headers, 400, { badRequest: expect.objectContaining({ message }) }])
  }
  const after = await alice.send('HEAD', 'pithos/o')
  expect([after.headers['x-object-public'], after.headers['x-object-meta-a']]).toEqual([undefined, undefined])
})

test('a link ends when it was said to, and the next one is another', async ({ onTestFinished }) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  const before = Date.now()
  await put(alice, 'o', 'data', { ...PUBLIC, 'X-Object-Public-Expires': '3600' })
  const link = (await linkOf(alice))!
  const { 'x-object-public-expires': expires } = (await alice.send('HEAD', 'pithos/o')).headers
  expect(Date.parse(expires!)).toBeGreaterThan(before + 3_599_000) // of whole seconds
  expect(Date.parse(expires!)).toBeLessThanOrEqual(Date.now() + 3_600_000)
  await post(alice, { 'X-Object-Public-Expires': '2099-01-01T00:00:00+02:00' }).then(({ status }) => expect(status).toBe(400))
  await post(alice, { 'X-Object-Public-Expires': '' })
  expect((await alice.send('HEAD', 'pithos/o')).headers).not.toHaveProperty('x-object-public-expires')
  await post(alice, { 'X-Object-Public-Expires': '3600' })
  expect((await visit(link)).status).toBe(200)
  await cloud.db.run(sql`UPDATE object_store.public_links SET expires_at = now() - interval '1 second'`)
  expect([(await visit(link)).status, await linkOf(alice)]).toEqual([404, undefined])
  await post(alice, PUBLIC)
  expect(await linkOf(alice)).not.toBe(link)
  await cloud.db.run(sql`UPDATE object_store.public_links SET expires_at = now() - interval '1 second'`)
  await forgetLinks.run({ db: cloud.db } as Parameters<typeof forgetLinks.run>[0])
  expect(await cloud.db.any(sql`SELECT FROM object_store.public_links`)).toEqual([])
})

test('downloads are counted once each, however they are fetched and however many at once', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  const left = async () => (await alice.send('HEAD', 'pithos/o')).headers['x-object-public-downloads']
  const statuses = async (times: number, init?: RequestInit) =>
    (await Promise.all(Array.from({ length: times }, () => visit(link, init)))).map(({ status }) => status).sort()
  await put(alice, 'o', '0123456789', { ...PUBLIC, 'X-Object-Public-Downloads': '3' })
  const link = (await linkOf(alice))!
  const etag = (await visit(link, { method: 'HEAD' })).headers.get('etag')!
  await visit(link, { headers: { 'If-None-Match': etag } })
  await visit(link, { headers: { Range: 'bytes=50-' } })
  expect(await left()).toBe('3')
  // The beginning counts; what is fetched on from there does not.
  expect(await statuses(1, { headers: { Range: 'bytes=0-4' } })).toEqual([206])
  expect(await statuses(3, { headers: { Range: 'bytes=5-' } })).toEqual([206, 206, 206])
  expect(await left()).toBe('2')
  expect(await statuses(6)).toEqual([200, 200, 404, 404, 404, 404])
  expect(await left()).toBe('0')
  expect(await statuses(1, { headers: { Range: 'bytes=5-' } })).toEqual([206])
  expect(await statuses(1, { headers: { Range: 'bytes=1-1,0-0' } })).toEqual([404])
  await post(alice, { 'X-Object-Public-Downloads': '1' })
  expect([await statuses(2), await linkOf(alice)]).toEqual([[200, 404], link])
})

test('asking for all but the first byte counts too', async ({ onTestFinished }) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', '0123456789', { ...PUBLIC, 'X-Object-Public-Downloads': '1' })
  const link = (await linkOf(alice))!
  const later = () => visit(link, { headers: { Range: 'bytes=1-' } }).then(({ status }) => status)
  expect([await later(), await later()]).toEqual([206, 206])
  await cloud.db.run(sql`UPDATE object_store.public_links SET counted_at = counted_at - interval '2 hours'`)
  expect([await later(), await linkOf(alice)]).toEqual([404, undefined])
})

test('a link with a password opens to who shows it, in every way', async ({ onTestFinished }) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data', { ...PUBLIC, 'X-Object-Public-Password': encodeURIComponent('pässwörd: 100%') })
  const link = (await linkOf(alice))!
  expect((await alice.send('HEAD', 'pithos/o')).headers['x-object-public-password']).toBe('required')
  const { stored } = await cloud.db.one<{ stored: string }>(sql`SELECT l::text AS stored FROM object_store.public_links l`)
  expect(stored).toMatch(/\$argon2id\$/)
  const without = await visit(link)
  expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="public link", charset="UTF-8"'])
  expect((await visit(link, { method: 'HEAD' })).status).toBe(401)
  const basic = (password: string) => ({ Authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` })
  expect(await (await visit(link, { headers: basic('pässwörd: 100%') })).text()).toBe('data')
  expect((await visit(link, { headers: basic('password') })).status).toBe(401)
  const header = { 'X-Object-Public-Password': encodeURIComponent('pässwörd: 100%') }
  expect((await visit(link, { headers: { ...header, Range: 'bytes=0-1' } })).status).toBe(206)
  await post(alice, { 'X-Object-Public-Password': 'other' })
  expect((await visit(link, { headers: header })).status).toBe(401)
  await post(alice, { 'X-Object-Public-Password': '' })
  expect((await visit(link)).status).toBe(200)
})

test('the page asks a browser for the password and leads on with a ticket', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data', { ...PUBLIC, 'X-Object-Public-Password': 'sesame' })
  await put(alice, 'p', 'data', { ...PUBLIC, 'X-Object-Public-Password': 'sesame' })
  const link = (await linkOf(alice))!
  const page = await visit(`${link}?disposition-type=attachment`, { headers: { Accept: 'text/html' } })
  expect([page.status, page.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8'])
  const action = /action="([^"]+)"/.exec(await page.text())![1]!
  expect(action).toBe(`${new URL(link).pathname}/password?disposition-type=attachment`)
  const enter = (password: string) =>
    visit(action, { method: 'POST', headers: { Accept: 'text/html' }, body: new URLSearchParams({ password }) })
  const wrong = await enter('open')
  expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining('That is not the password')])
  const right = await enter('sesame')
  const location = right.headers.get('location')!
  expect([right.status, location]).toEqual([303, expect.stringMatching(/\?disposition-type=attachment&ticket=\d+\.[\w-]+$/)])
  const data = await visit(location)
  expect([data.status, data.headers.get('content-disposition')]).toEqual([200, 'attachment; filename="o"'])
  const ticket = new URL(location, link).searchParams.get('ticket')!
  expect((await visit(`${await linkOf(alice, 'pithos/p')}?ticket=${ticket}`)).status).toBe(401)
  expect((await visit(`${link}?ticket=1${ticket}`)).status).toBe(401)
  await post(alice, { 'X-Object-Public-Password': 'other' })
  expect((await visit(location)).status).toBe(401)
})

test('passwords of links cannot be guessed', async ({ onTestFinished }) => {
  const { alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data', { ...PUBLIC, 'X-Object-Public-Password': 'sesame' })
  const link = (await linkOf(alice))!
  const attempt = (password: string) =>
    visit(link, { headers: { 'X-Object-Public-Password': password } }).then(({ status }) => status)
  const statuses: number[] = []
  for (let i = 0; i < 11; i += 1) statuses.push(await attempt(`guess ${i}`))
  expect(statuses).toEqual([...Array(10).fill(401), 429])
  expect(await attempt('sesame')).toBe(429)
})

test('where a domain is set aside for what users made, links lead there', async ({ onTestFinished }) => {
  const { cloud, alice, visit } = await openPublisher(onTestFinished)
  await put(alice, 'o', 'data', PUBLIC)
  const link = (await linkOf(alice))!
  const { host } = new URL(cloud.url)
  Object.assign(cloud.store.settings, { PITHOS_UNSAFE_DOMAIN: 'content.example.org' })
  const led = await visit(`${link}?disposition-type=inline`)
  expect([led.status, led.headers.get('location')]).toEqual([
    302,
    `http://content.example.org${new URL(link).pathname}?disposition-type=inline`,
  ])
  expect((await visit(link, { method: 'HEAD' })).status).toBe(302)
  expect((await visit(link, { method: 'DELETE' })).status).toBe(403)
  expect(await linkOf(alice)).toBe(link)
  Object.assign(cloud.store.settings, { PITHOS_UNSAFE_DOMAIN: host })
  expect((await visit(link)).status).toBe(200)
  expect((await visit(link, { method: 'DELETE' })).status).toBe(405)
})

test('addresses of links have the length and characters that the operator chose', async ({ onTestFinished }) => {
  const { alice } = await openPublisher(onTestFinished, {
    settings: { PITHOS_PUBLIC_URL_SECURITY: 64, PITHOS_PUBLIC_URL_ALPHABET: '01' },
  })
  await put(alice, 'o', 'data', PUBLIC)
  expect(await linkOf(alice)).toMatch(/\/public\/[01]{400,512}$/)
  expect(newLinkId(1, 'ab')).toMatch(/^[ab]{1,8}$/)
})
