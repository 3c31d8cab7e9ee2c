// What listings show of what is shared, published, marked with metadata, or past, and what they tell of each object.
import { expect, test } from 'vitest'
import { list, openAlice, put } from './alice.ts'
import { momentOf } from './moments.ts'

const FOLDER = { 'Content-Type': 'application/directory' }

test('other people see what is shared with them, in folders too, and what they may', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const [bob, carol] = [await cloud.user(), await cloud.user()]
  await put(alice, 'dir', '', { ...FOLDER, 'X-Object-Sharing': `read=${bob.userId}` })
  await put(alice, 'dir/a', 'a', { 'X-Object-Meta-Colour': 'red' })
  await put(alice, 'dir/b/c', 'c')
  await put(alice, 'dir/hers', 'closer', { 'X-Object-Sharing': `read=${carol.userId}` })
  await put(alice, 'dirx', 'not shared', { 'X-Object-Meta-Secret': 'yes' })
  await put(alice, 'o', 'o', { 'X-Object-Sharing': `read=*;write=${bob.userId}` })
  const his = `/${alice.userId}/pithos`
  expect(await list(bob, '', his)).toEqual(['dir', 'dir/a', 'dir/b/c', 'o'])
  expect(await list(bob, 'delimiter=/', his)).toEqual(['dir', 'dir/ …', 'o'])
  expect(await list(bob, 'path=dir', his)).toEqual(['dir/a'])
  expect(await list(bob, 'prefix=dir/b', his)).toEqual(['dir/b/c'])
  expect(await list(bob, 'prefix=dirx', his)).toEqual([])
  expect(await list(carol, '', his)).toEqual(['dir/hers', 'o'])
  expect(await list(bob, 'shared&limit=2&marker=dir', his)).toEqual(['dir/a', 'dir/b/c'])
  for (const query of ['public', 'public&shared', 'until=99999999999'])
    expect((await bob.send('GET', `${his}?${query}`)).status).toBe(403)
  const items = (await bob.send('GET', `${his}?format=json`)).json() as Record<string, unknown>[]
  expect(items.map((item) => [item['name'], item['x_object_allowed_to'], item['x_object_sharing']])).toEqual([
    ['dir', 'read', `read=${bob.userId}`],
    ['dir/a', undefined, undefined],
    ['dir/b/c', undefined, undefined],
    ['o', 'write', `read=*; write=${bob.userId}`],
  ])
  const seen = await bob.send('HEAD', his)
  expect([seen.headers['x-container-object-meta'], seen.headers['x-container-object-count']]).toEqual(['Colour', undefined])
  expect((await carol.send('HEAD', his)).headers['x-container-object-meta']).toBe('')
  expect((await alice.send('HEAD', 'pithos')).headers['x-container-object-meta']).toBe('Colour,Secret')
  expect(await list(alice, 'shared')).toEqual(['dir', 'dir/a', 'dir/b/c', 'dir/hers', 'o'])

  // A folder that is none any more shares nothing but itself.
  await put(alice, 'dir', 'text')
  expect(await list(bob, '', his)).toEqual(['dir', 'o'])
  await alice.send('DELETE', 'pithos/dir')
  await alice.send('DELETE', 'pithos/o')
  for (const path of [his, `/${alice.userId}/none`]) expect((await bob.send('GET', path)).status).toBe(403)
})

test('published objects are listed with their addresses, to the owner alone', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  await put(alice, 'dir', '', { ...FOLDER, 'X-Object-Public': 'true' })
  await put(alice, 'dir/a', 'a')
  await put(alice, 'both', 'b', { 'X-Object-Public': 'true', 'X-Object-Sharing': `read=${bob.userId}` })
  await put(alice, 'shared', 's', { 'X-Object-Sharing': `write=${bob.userId}` })
  await put(alice, 'ended', 'e', { 'X-Object-Public': 'true' })
  await alice.send('POST', 'pithos/ended?update', { headers: { 'X-Object-Public': 'false' } })
  expect(await list(alice, 'public')).toEqual(['both', 'dir'])
  expect(await list(alice, 'public=None&prefix=d')).toEqual(['dir'])
  expect(await list(alice, 'public&shared')).toEqual(['both', 'dir', 'shared'])
  expect(await list(alice, 'public&shared&limit=1&marker=both')).toEqual(['dir'])
  const items = (await alice.send('GET', 'pithos?format=json')).json() as Record<string, unknown>[]
  const address = (await alice.send('HEAD', 'pithos/both')).headers['x-object-public']
  expect(items.map((item) => [item['name'], item['x_object_public'] !== undefined])).toEqual([
    ['both', true],
    ['dir', true],
    ['dir/a', false],
    ['ended', false],
    ['shared', false],
  ])
  expect(items[0]!['x_object_public']).toBe(address)
  const xml = (await alice.send('GET', 'pithos?format=xml&public&prefix=both')).text
  expect(xml).toContain(`<x_object_public>${address}</x_object_public>`)
  const theirs = (await bob.send('GET', `/${alice.userId}/pithos?format=json`)).json() as Record<string, unknown>[]
  expect(theirs.map((item) => [item['name'], item['x_object_public']])).toEqual([
    ['both', undefined],
    ['shared', undefined],
  ])
})

test('containers are listed by what is shared or published in them', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const name = { shared: { 'X-Object-Sharing': `read=${bob.userId}` }, published: { 'X-Object-Public': 'true' }, neither: {} }
  for (const [container, headers] of Object.entries(name)) {
    await alice.send('PUT', container)
    await alice.send('PUT', `${container}/o`, { headers: { 'Content-Type': 'text/plain', ...headers }, body: 'x' })
  }
  const names = async (who: typeof alice, query: string, account = '') =>
    ((await who.send('GET', `${account}?format=json&${query}`)).json() as { name: string }[]).map((each) => each.name)
  expect(await names(alice, '')).toEqual(['neither', 'pithos', 'published', 'shared'])
  expect(await names(alice, 'shared')).toEqual(['shared'])
  expect(await names(alice, 'public=')).toEqual(['published'])
  expect(await names(alice, 'public&shared&limit=1')).toEqual(['published'])
  expect(await names(alice, `public&shared&marker=published&until=${await momentOf(cloud.db)}`)).toEqual(['shared'])
  expect(await names(bob, 'shared', `/${alice.userId}`)).toEqual(['shared'])
  expect((await bob.send('GET', `/${alice.userId}?public`)).status).toBe(403)
  expect((await alice.send('GET', '?marker=%00')).status).toBe(400)
  const robot = await cloud.withToken(alice, ['object-store/published', 'object-store/neither'])
  expect([await names(robot, 'shared'), await names(robot, 'shared&public')]).toEqual([[], ['published']])
})

test('a metadata query reads terms as clients write them', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await put(alice, 'a', '', { 'X-Object-Meta-Quality': 'aaa', 'X-Object-Meta-Stars': '100' })
  await put(alice, 'b', '', { 'X-Object-Meta-Foo': '1', 'X-Object-Meta-Stars': '20' })
  await put(alice, 'c', '', { 'Content-Disposition': 'inline' })
  await put(alice, 'dir/d', '', { 'X-Object-Meta-Quality': 'aab' })
  const meta = (text: string, more = '') => list(alice, `meta=${encodeURIComponent(text)}${more}`)
  const cases: [string, string[]][] = [
    ['Quality', ['a', 'dir/d']],
    ['qUALITY', ['a', 'dir/d']],
    ['Quality,Foo', ['a', 'b', 'dir/d']],
    ['!Quality', ['b', 'c']],
    [' ! Quality , Foo ', ['b']],
    ['Quality=aaa', ['a']],
    ['Quality = aaa', ['a']],
    ['Quality!=aaa', ['dir/d']],
    ['stars<20', ['a']],
    ['Stars<=20,Quality', ['a']],
    ['Stars>=100', ['a', 'b']],
    ['Stars>100,!Quality', ['b']],
    ['Nothing', []],
    ['Quality,Foo,Stars=20', ['b']],
    ['two words', ['a', 'b', 'c', 'dir/d']],
    ['two words,Foo', ['b']],
    ['', ['a', 'b', 'c', 'dir/d']],
    [',=,!', ['a', 'b', 'c', 'dir/d']],
    ['Content-Disposition', []],
  ]
  for (const [text, names] of cases) expect([text, await meta(text)]).toEqual([text, names])
  expect(await meta('Quality', '&delimiter=/')).toEqual(['a', 'dir/ …'])
  expect(await meta('Quality', '&prefix=dir')).toEqual(['dir/d'])
})

test('a listing of a moment tells what was true then', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  await put(alice, 'o', 'four', { 'X-Object-Meta-A': 'old', 'X-Object-Public': 'true', 'X-Object-Sharing': 'read=*' })
  await put(alice, 'gone', 'x')
  const then = await momentOf(cloud.db)
  await put(alice, 'o', 'seven..', { 'X-Object-Meta-A': 'new' })
  await alice.send('DELETE', 'pithos/gone')
  await put(alice, 'later', 'y')
  const [gone, o] = (await alice.send('GET', `pithos?format=json&until=${then}`)).json() as Record<string, unknown>[]
  expect([gone!['name'], o!['name'], o!['bytes']]).toEqual(['gone', 'o', 4])
  for (const field of ['last_modified', 'x_object_sharing', 'x_object_public']) expect(o).not.toHaveProperty(field)
  expect(await list(alice, `until=${then}&meta=A=old`)).toEqual(['o'])
  expect(await list(alice, `until=${then}&meta=A=new`)).toEqual([])
  expect(await list(alice, 'meta=A=new')).toEqual(['o'])
  const text = await alice.send('GET', `pithos?until=${then}`)
  expect([text.text, text.headers['x-container-object-count'], text.headers['x-container-until-timestamp']]).toEqual([
    'gone\no\n',
    '2',
    expect.stringMatching(/GMT$/),
  ])
  expect((await alice.send('GET', 'pithos?until=1000000')).status).toBe(404)
  expect(await list(alice, 'until=soon')).toEqual(['later', 'o'])
})
