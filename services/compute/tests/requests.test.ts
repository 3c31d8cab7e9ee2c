// Requests that are wrong, or about things of others, in tables. The rows change nothing that another row looks at, so
// they share one cloud.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestCompute, type TestCompute, type TestPerson } from '../testing.ts'

const cleanups: (() => void | Promise<void>)[] = []
let cloud: TestCompute
let alice: TestPerson
let bob: TestPerson
let image: string
let server: number

beforeAll(async () => {
  cloud = await openTestCompute((work) => void cleanups.unshift(work))
  alice = await cloud.person()
  bob = await cloud.person()
  image = await alice.image()
  server = await alice.server({ imageRef: image })
  await cloud.settle()
})
afterAll(async () => {
  for (const work of cleanups) await work()
})

test.each<[string, Record<string, unknown>, number, RegExp]>([
  ['no name', { name: undefined }, 400, /name/],
  ['a name that is a number', { name: 5 }, 400, /name/],
  ['a name that is too long', { name: 'x'.repeat(256) }, 400, /255/],
  ['a name with NUL', { name: 'a\0b' }, 400, /NUL/],
  ['no flavor', { flavorRef: undefined }, 400, /flavorRef/],
  ['a flavor that is a word', { flavorRef: 'large' }, 400, /flavorRef/],
  ['a flavor beyond 64 bits', { flavorRef: '99999999999999999999' }, 400, /flavorRef/],
  ['an unknown flavor', { flavorRef: 4711 }, 404, /4711/],
  ['no image', { imageRef: undefined }, 400, /imageRef/],
  ['an image that is no uuid', { imageRef: 'debian' }, 400, /debian/],
  ['an unknown image', { imageRef: '00000000-0000-0000-0000-000000000000' }, 404, /does not exist/],
  ['metadata that is a list', { metadata: [] }, 400, /metadata/],
  ['a metadata key that is too long', { metadata: { ['k'.repeat(51)]: 'v' } }, 400, /50/],
  [
    'too many metadata items',
    { metadata: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`k${at}`, 'v'])) },
    400,
    /10/,
  ],
  ['networks that are text', { networks: 'all' }, 400, /networks/],
  ['a network that is unknown', { networks: [{ uuid: '77' }] }, 404, /77/],
  ['a network that is a word', { networks: [{ uuid: 'lan' }] }, 400, /network/],
  ['a port that is unknown', { networks: [{ port: 77 }] }, 404, /77/],
  ['too many networks', { networks: Array.from({ length: 9 }, () => ({ uuid: '1' })) }, 400, /8/],
  ['personality that is an object', { personality: {} }, 400, /personality/],
  ['personality with an unknown key', { personality: [{ path: '/a', contents: '', colour: 'red' }] }, 400, /colour/],
  ['personality that is not base64', { personality: [{ path: '/a', contents: '***' }] }, 400, /base64/],
  ['personality with a relative path', { personality: [{ path: 'a', contents: '' }] }, 400, /absolute/],
  ['too many files', { personality: Array.from({ length: 6 }, () => ({ path: '/a', contents: '' })) }, 413, /5/],
  ['a file that is too large', { personality: [{ path: '/a', contents: 'A'.repeat(10244) }] }, 413, /10240/],
  ['a password that is too weak', { adminPass: 'weak' }, 400, /10 characters/],
  ['both kinds of key names', { key_name: 'a', 'SNF:key_names': ['b'] }, 400, /not both/],
  ['an unknown key', { key_name: 'nope' }, 404, /nope/],
  ['a project of others', { project: '00000000-0000-0000-0000-000000000000' }, 400, /member/],
  ['a project that is no uuid', { project: 'mine' }, 400, /member/],
  ['sharing, which is off', { shared_to_project: true }, 403, /shar/i],
])('creating a server with %s answers its code and names the field', async (_what, fields, code, message) => {
  const before = (await alice.send('GET', '/servers')).body.servers.length
  const answer = await alice.send('POST', '/servers', { server: { name: 'n', flavorRef: 1, imageRef: image, ...fields } })
  expect([answer.status, answer.text]).toEqual([code, expect.stringMatching(message)])
  expect(Object.values(answer.body)[0]).toMatchObject({ code })
  expect((await alice.send('GET', '/servers')).body.servers.length).toBe(before)
})

test.each<[string, string, unknown, number]>([
  ['GET', '/servers/abc', undefined, 400],
  ['GET', '/servers/99999999999999999999', undefined, 400],
  ['GET', '/servers/4711', undefined, 404],
  ['GET', '/nothing', undefined, 400],
  ['PATCH', '/servers', undefined, 405],
  ['POST', '/servers', '{"server":', 400],
  ['POST', '/servers', [], 400],
  ['POST', '/servers', { server: [] }, 400],
  ['PUT', '/servers/ID', { server: {} }, 400],
  ['POST', '/servers/ID/action', {}, 400],
  ['POST', '/servers/ID/action', { fly: {} }, 400],
  ['POST', '/servers/ID/action', { start: 5 }, 400],
  ['POST', '/servers/ID/action', { start: {} }, 400],
  ['POST', '/servers/ID/action', { reboot: { type: 'GENTLE' } }, 400],
  ['POST', '/servers/ID/action', { console: {} }, 400],
  ['POST', '/servers/ID/action', { console: { type: 'telepathy' } }, 400],
  ['POST', '/servers/ID/action', { suspend: {} }, 403],
  ['POST', '/servers/ID/action', { rebuild: {} }, 501],
  ['GET', '/servers/ID/ips/x', undefined, 400],
  ['GET', '/servers/ID/ips/1', undefined, 200],
  ['GET', '/servers/ID/ips', undefined, 200],
  ['GET', '/servers/ID/metadata/none', undefined, 404],
  ['PUT', '/servers/ID/metadata/a', { meta: { b: 'c' } }, 400],
  ['PUT', '/servers/ID/metadata/a', { meta: { a: 'c' } }, 201],
  ['GET', '/servers/ID/metadata/a', undefined, 200],
  ['DELETE', '/servers/ID/metadata/a', undefined, 204],
  ['DELETE', '/servers/ID/metadata/a', undefined, 404],
  ['GET', '/servers?changes-since=yesterday', undefined, 400],
  ['GET', '/servers?changes-since=2001-01-01T00:00:00Z', undefined, 400],
  ['GET', '/servers?changes-since=2999-01-01T00:00:00Z', undefined, 400],
  ['GET', '/servers?limit=x', undefined, 400],
  ['GET', '/servers?limit=1&status=ACTIVE', undefined, 200],
  ['GET', '/flavors', undefined, 200],
  ['GET', '/flavors/detail?SNF:is_public=true', undefined, 200],
  ['GET', '/flavors/1', undefined, 200],
  ['GET', '/flavors/99', undefined, 404],
  ['GET', '/flavors/1/os-extra_specs', undefined, 200],
  ['GET', '/images', undefined, 200],
  ['GET', '/images/detail', undefined, 200],
  ['GET', '/extensions', undefined, 200],
  ['GET', '/limits', undefined, 200],
  ['POST', '/os-keypairs', { keypair: {} }, 400],
  ['POST', '/os-keypairs', { keypair: { name: '  ' } }, 400],
  ['POST', '/os-keypairs', { keypair: { name: 'k', public_key: 'not a key' } }, 400],
  ['POST', '/os-keypairs', { keypair: { name: 'κλειδί' } }, 201],
  ['POST', '/os-keypairs', { keypair: { name: 'κλειδί' } }, 409],
  ['GET', `/os-keypairs/${encodeURIComponent('κλειδί')}`, undefined, 200],
  ['DELETE', `/os-keypairs/${encodeURIComponent('κλειδί')}`, undefined, 204],
  ['GET', '/os-keypairs/none', undefined, 404],
])('%s %s %j answers %i', async (method, path, body, code) => {
  const answer = await alice.send(method, path.replace('ID', String(server)), body)
  expect([answer.status, answer.text]).toEqual([code, expect.anything()])
})

test.each<[string, string, unknown?]>([
  ['GET', ''],
  ['PUT', '', { server: { name: 'mine' } }],
  ['DELETE', ''],
  ['GET', '/password'],
  ['DELETE', '/password'],
  ['GET', '/ips'],
  ['GET', '/ips/1'],
  ['GET', '/diagnostics'],
  ['GET', '/metadata'],
  ['POST', '/metadata', { metadata: { a: 'b' } }],
  ['GET', '/metadata/a'],
  ['PUT', '/metadata/a', { meta: { a: 'b' } }],
  ['DELETE', '/metadata/a'],
  ['POST', '/action', { start: {} }],
  ['POST', '/action', { shutdown: {} }],
  ['POST', '/action', { reboot: {} }],
  ['POST', '/action', { console: { type: 'vnc-ws' } }],
])('%s /servers/<of another>%s answers as if it did not exist', async (method, path, body) => {
  const theirs = await bob.send(method, `/servers/${server}${path}`, body)
  const nobodys = await bob.send(method, `/servers/4711${path}`, body)
  expect(theirs.status).toBe(404)
  expect(theirs.text).toBe(nobodys.text.replace('4711', String(server)))
})

test('a private image of another does not exist for a server', async () => {
  const answer = await bob.send('POST', '/servers', { server: { name: 'n', flavorRef: 1, imageRef: image } })
  expect(answer.status).toBe(404)
})

test('without a token nothing answers, version documents apart', async () => {
  expect((await fetch(`${cloud.url}/cyclades/compute/v2.0/servers`)).status).toBe(401)
  expect((await fetch(`${cloud.url}/cyclades/compute/`)).status).toBe(200)
})
