import { quotasOf } from '@synnefo/identity'
import { expect, test } from 'vitest'
import { list, openAlice, put, TEXT } from './alice.ts'

test('an account tells what it holds and may hold, to the byte and at once', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const used = async () => {
    const { status, headers } = await alice.send('HEAD', '')
    expect(status).toBe(204)
    const [quota] = (await quotasOf(cloud.db, alice.userId)).filter(({ resource }) => resource === 'pithos.diskspace')
    expect(headers['x-account-policy-quota']).toBe(String(quota!.limit))
    expect(headers[`x-account-policy-quota-${alice.userId}`]).toBe(String(quota!.limit))
    expect([quota!.usage, quota!.projectUsage, quota!.pending]).toEqual([quota!.usage, quota!.usage, 0n])
    return Number(headers['x-account-bytes-used'])
  }
  await put(alice, 'a', 'x'.repeat(1000))
  expect(await used()).toBe(1000)
  await put(alice, 'a', 'x'.repeat(300))
  expect(await used()).toBe(300)
  await alice.send('COPY', 'pithos/a', { headers: { Destination: '/pithos/b' } })
  expect(await used()).toBe(600)
  await alice.send('MOVE', 'pithos/a', { headers: { Destination: '/pithos/b' } })
  expect(await used()).toBe(300)
  await alice.send('POST', 'pithos/b?update', { headers: { 'X-Object-Meta-A': '1' } })
  expect(await used()).toBe(300)
  await put(alice, 'c', 'y')
  await alice.send('DELETE', 'pithos?delimiter=/')
  expect(await used()).toBe(0)
  await put(alice, 'd', 'four')
  await alice.send('DELETE', `pithos/d?until=${Math.ceil(Date.now() / 1000) + 1}`)
  expect(await used()).toBe(0)
})

test('quota is refused before the body and holds for many at once', async ({ onTestFinished }) => {
  const { cloud } = await openAlice(onTestFinished)
  const carol = await cloud.user({ limits: { 'pithos.diskspace': 100n } })
  await carol.send('PUT', 'pithos')
  const refused = await put(carol, 'big', 'x'.repeat(200_000))
  expect(refused.status).toBe(413)
  expect(refused.json()).toMatchObject({
    requestEntityTooLarge: { code: 413, message: expect.any(String), details: expect.stringMatching(/100/) },
  })
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => put(carol, `o${i}`, 'x'.repeat(30))))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array(7).fill(413)])
  expect((await carol.send('HEAD', '')).headers['x-account-bytes-used']).toBe('90')
  const hashes = [...'0123456789'].map((digit) => digit.repeat(64))
  const list = await carol.send('PUT', 'pithos/h?hashmap', {
    headers: TEXT,
    body: JSON.stringify({ bytes: 10 * 4194304, hashes }),
  })
  expect(list.status).toBe(413)
})

test('containers are listed in pages', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await alice.send('PUT', 'cont1')
  await alice.send('PUT', 'cont2')
  const names = async (query: string) =>
    ((await alice.send('GET', `?format=json&${query}`)).json() as { name: string }[]).map(({ name }) => name)
  expect(await names('')).toEqual(['cont1', 'cont2', 'pithos'])
  expect(await names('limit=1')).toEqual(['cont1'])
  expect(await names('marker=cont&limit=0')).toEqual(['cont1', 'cont2', 'pithos'])
  expect(await names('marker=cont1&until=9342609206.0')).toEqual(['cont2', 'pithos'])
  const text = await alice.send('GET', '')
  expect([text.status, text.text]).toEqual([200, 'cont1\ncont2\npithos\n'])
  expect(text.headers['x-account-container-count']).toBe('3')
})

test('account metadata is merged and replaced', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  expect((await alice.send('POST', '?update')).status).toBe(202)
  await alice.send('POST', '?update', { headers: { 'X-Account-Meta-A': '1', 'X-Account-Meta-%CE%B1': '%CE%B2' } })
  await alice.send('POST', '?update', { headers: { 'X-Account-Meta-A': '' } })
  const { headers } = await alice.send('HEAD', '')
  expect(headers['x-account-meta-a']).toBeUndefined()
  expect(headers['x-account-meta-%ce%91']).toBe('%CE%B2')
  await alice.send('POST', '')
  expect((await alice.send('HEAD', '')).headers['x-account-meta-%ce%91']).toBeUndefined()
})

test('a stranger learns nothing about what is there', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'o', 'secret')
  const version = (await alice.send('HEAD', 'pithos/o')).headers['x-object-version']
  const there = ['', '/pithos', '/pithos/o', `/pithos/o?version=${version}`, '/pithos/o?hashmap', '/pithos/o?version=list']
  for (const path of there) {
    for (const method of ['GET', 'HEAD'] as const) {
      const real = await bob.send(method, `/${alice.userId}${path}`)
      const invented = await bob.send(method, `/00000000-0000-4000-8000-000000000000${path}`)
      expect([real.status, real.text], `${method} ${path}`).toEqual([403, invented.text])
      expect(invented.status).toBe(403)
    }
  }
  const empty = { headers: { ...TEXT, 'Content-Length': '0' } }
  for (const [method, path] of [
    ['PUT', '/new'],
    ['POST', '?update'],
    ['DELETE', '/pithos'],
    ['PUT', '/pithos/o'],
    ['PUT', '/pithos/new'],
    ['POST', '/pithos/o?update'],
    ['DELETE', '/pithos/o'],
    ['DELETE', '/pithos?delimiter=/'],
  ])
    expect((await bob.send(method!, `/${alice.userId}${path}`, empty)).status, `${method} ${path}`).toBe(403)
  expect(
    (
      await bob.send('PUT', 'x/y', {
        headers: { 'X-Copy-From': '/pithos/o', 'X-Source-Account': alice.userId, 'Content-Length': '0' },
      })
    ).status,
  ).toBe(403)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('secret')
})

test('what is shared can be read, or written, and nothing else', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const [bob, carol] = [await cloud.user(), await cloud.user()]
  await put(alice, 'dir', '', { 'Content-Type': 'application/directory; x=y', 'X-Object-Sharing': `read=*;write=${bob.userId}` })
  await put(alice, 'dir/o', 'shared')
  await put(alice, 'dirx', 'not shared')
  await put(alice, 'dir/private', 'closer', { 'X-Object-Sharing': `read=${carol.userId}` })
  const his = `/${alice.userId}/pithos`
  const read = async (who: typeof bob, name: string) => (await who.send('GET', `${his}/${name}`)).status
  expect([await read(bob, 'dir/o'), await read(carol, 'dir/o'), await read(bob, 'dirx')]).toEqual([200, 200, 403])
  expect([await read(bob, 'dir/private'), await read(carol, 'dir/private')]).toEqual([403, 200])
  const head = await bob.send('HEAD', `${his}/dir/o`)
  expect(head.headers).toMatchObject({
    'x-object-allowed-to': 'write',
    'x-object-shared-by': `${alice.userId}/pithos/dir`,
    'x-object-sharing': `read=%2A; write=${bob.userId}`,
  })
  const write = (who: typeof bob, name: string) => who.send('PUT', `${his}/${name}`, { headers: TEXT, body: 'by a guest' })
  expect([(await write(bob, 'dir/new')).status, (await write(carol, 'dir/new')).status]).toEqual([201, 403])
  expect((await alice.send('HEAD', 'pithos/dir/new')).headers['x-object-modified-by']).toBe(bob.userId)
  expect((await bob.send('DELETE', `${his}/dir/new`)).status).toBe(403)
  expect((await bob.send('POST', `${his}/dir/new?update`, { headers: { 'X-Object-Sharing': 'read=*' } })).status).toBe(403)
  expect((await bob.send('HEAD', '')).headers['x-account-bytes-used']).toBe('0')
  const sharers = (await bob.send('GET', '/?format=json')).json()
  expect(sharers).toEqual([{ name: alice.userId, last_modified: expect.any(String) }])
  expect((await bob.send('HEAD', `/${alice.userId}`)).status).toBe(204)
  await alice.send('POST', 'pithos/dir?update', { headers: { 'X-Object-Sharing': '' } })
  await alice.send('DELETE', 'pithos/dir/private')
  expect((await bob.send('HEAD', `/${alice.userId}`)).status).toBe(403)
  expect(await list(alice, 'prefix=dir/')).toEqual(['dir/new', 'dir/o'])
})

test('requests that are wrong are told so in the words of this dialect', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const nobody = { ...alice, send: alice.send }
  const without = await fetch(`${cloud.url}/pithos/object-store/v1/${alice.userId}`)
  expect([without.status, Object.keys((await without.json()) as object)]).toEqual([401, ['unauthorized']])
  const token = await fetch(`${cloud.url}/pithos/object-store/v1/${alice.userId}?X-Auth-Token=${alice.token}`, { method: 'HEAD' })
  expect(token.status).toBe(204)
  for (const [method, path, allow] of [
    ['PUT', '', 'HEAD,POST,GET'],
    ['COPY', 'pithos', 'HEAD,POST,GET,PUT,DELETE'],
    ['PATCH', 'pithos/o', 'HEAD,POST,GET,PUT,DELETE,COPY,MOVE'],
    ['POST', '/', 'GET'],
  ]) {
    const answer = await nobody.send(method!, path!)
    expect([answer.status, answer.headers['allow']], `${method} ${path}`).toEqual([405, allow])
    expect(Object.keys(answer.json() as object)).toEqual(['notAllowed'])
  }
  const xml = await alice.send('GET', 'pithos/none?format=xml')
  expect(xml.headers['content-type']).toBe('application/xml; charset=UTF-8')
  expect(xml.text).toMatch(/<itemNotFound code="404"><message>.*<\/message><details><\/details><\/itemNotFound>$/)
  for (const headers of [{}, { 'X-Auth-User': 'me' }])
    expect((await fetch(`${cloud.url}/pithos/object-store/v1/`, { headers })).status).toBe(400)
  const known = await fetch(`${cloud.url}/pithos/object-store/v1/`, { headers: { 'X-Auth-User': 'me', 'X-Auth-Key': 'key' } })
  expect([known.status, known.headers.get('x-auth-token'), known.headers.get('x-storage-url')]).toEqual([
    204,
    'key',
    'http://cloud.test/pithos/object-store/v1/me',
  ])
})
