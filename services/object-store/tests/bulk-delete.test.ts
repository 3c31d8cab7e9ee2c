import { expect, test } from 'vitest'
import type { TestClient } from '../testing.ts'
import { list, openAlice, put } from './alice.ts'
import { expectFiguresToAddUp } from './moments.ts'

/** The length has to be told: clients leave it out of a DELETE. */
const bulk = (who: TestClient, method: string, path: string, body: string) =>
  who.send(method, path, { headers: { 'Content-Length': String(Buffer.byteLength(body)) }, body })

test('many objects and empty containers are deleted by name, and what is not is told', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  for (const container of ['empty', 'full', 'other']) await alice.send('PUT', container)
  for (const name of ['a', 'b b', 'ü/x', 'stays']) await put(alice, encodeURIComponent(name), name)
  for (const container of ['full', 'other'])
    await alice.send('PUT', `${container}/o`, { headers: { 'Content-Type': 'text/plain' }, body: 'o' })
  const body = ['/pithos/a', 'pithos/b%20b', '', '/pithos/%C3%BC/x', '/pithos/a', '/pithos/none', '/none/a', '/empty', '/full']
  body.push('/other', '/other/o', '/other', `/pithos/${'n'.repeat(1025)}`, '/pithos/%ff')
  const answer = await alice.send('POST', '?bulk-delete', {
    headers: { Accept: 'application/json', 'Content-Type': 'text/plain' },
    body: body.join('\r\n'),
  })
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=UTF-8'])
  expect(answer.json()).toEqual({
    'Number Deleted': 6, // three objects of pithos, the empty container, the object of the other and that itself
    'Number Not Found': 4,
    'Response Status': '400 Bad Request',
    'Response Body': '',
    Errors: [
      [`/pithos/${'n'.repeat(1025)}`, '400 Bad Request'],
      ['/pithos/%ff', '400 Bad Request'],
      ['/full', '409 Conflict'],
    ],
  })
  expect(await list(alice, '')).toEqual(['stays'])
  expect((await alice.send('GET', '')).text).toBe('full\npithos\n')
  expect((await alice.send('HEAD', '')).headers['x-account-bytes-used']).toBe('6')
  await expectFiguresToAddUp(cloud.db)

  const text = await bulk(alice, 'DELETE', '?bulk-delete=1', '/pithos/stays\n/full/o')
  expect([text.status, text.text]).toEqual([
    200,
    'Number Deleted: 2\nNumber Not Found: 0\nResponse Body: \nResponse Status: 200 OK\nErrors:\n',
  ])
  const xml = await bulk(alice, 'DELETE', '?bulk-delete&format=xml', '/pithos/<&>')
  expect(xml.text).toMatch(/<delete><number_deleted>0<\/number_deleted><number_not_found>1<\/number_not_found>/)
})

test('a list of names that cannot be meant is refused in the words of those clients', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'data')
  const send = async (body: string) =>
    (await alice.send('POST', '?bulk-delete', { headers: { Accept: 'application/json' }, body })).json()
  expect(await send('\n \n')).toMatchObject({ 'Response Status': '400 Bad Request', 'Response Body': 'Invalid bulk delete.' })
  expect(await send(`/pithos/o\n${'/pithos/x\n'.repeat(10_000)}`)).toMatchObject({
    'Number Deleted': 0,
    'Response Status': '413 Payload Too Large',
  })
  expect(await list(alice, '')).toEqual(['o'])
  const plain = await alice.send('DELETE', '')
  expect([plain.status, plain.headers['allow']]).toEqual([405, 'HEAD,POST,GET'])
})

test('nobody deletes in bulk what is not his, nor a token what it does not reach', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'logs/o', 'data', { 'X-Object-Sharing': 'write=*' })
  await put(alice, 'other', 'data')
  for (const account of [alice.userId, '00000000-0000-4000-8000-000000000000'])
    for (const method of ['POST', 'DELETE'])
      expect((await bulk(bob, method, `/${account}?bulk-delete`, '/pithos/logs/o')).status).toBe(403)
  const robot = await cloud.withToken(alice, ['object-store/pithos/logs/'])
  const answer = await robot.send('POST', '?bulk-delete&format=json', {
    body: ['/pithos/other', '/pithos/logs/o', '/pithos', '/pithos/none', '/none'].join('\n'),
  })
  expect(answer.json()).toMatchObject({
    'Number Deleted': 1,
    'Number Not Found': 0,
    Errors: ['/pithos/other', '/pithos', '/pithos/none', '/none'].map((name) => [name, '403 Forbidden']),
  })
  expect(await list(alice, '')).toEqual(['other'])
  const reader = await cloud.withToken(alice, ['object-store:read'])
  for (const method of ['POST', 'DELETE']) expect((await bulk(reader, method, '?bulk-delete', '/pithos/other')).status).toBe(403)
})
