import { createHash } from 'node:crypto'
import { randomContent } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { TestClient } from '../testing.ts'
import { openAlice, put } from './alice.ts'

async function sendForm(who: TestClient, form: FormData, path = 'pithos/o') {
  const request = new Request('http://cloud', { method: 'POST', body: form })
  const headers = { 'Content-Type': request.headers.get('content-type')! }
  return who.send('POST', path, { headers, body: new Uint8Array(await request.arrayBuffer()) })
}

function form(data: Uint8Array<ArrayBuffer>, type: string, field = 'X-Object-Data'): FormData {
  const made = new FormData()
  made.append('before', 'some text')
  made.append(field, new Blob([data], { type }), 'a.bin')
  made.append('after', 'some text')
  return made
}

test('the file of a form becomes the object, with its type and without metadata', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_BACKEND_BLOCK_SIZE: 65536 } })
  await put(alice, 'o', 'before', { 'X-Object-Meta-A': '1', 'X-Object-Sharing': 'read=*' })
  for (const size of [0, 10, 300_000]) {
    const data = new Uint8Array(randomContent(size))
    const answer = await sendForm(alice, form(data, 'image/png'))
    expect([answer.status, answer.text, answer.headers['x-object-version']]).toEqual([201, '', expect.stringMatching(/^\d+$/)])
    const got = await alice.send('GET', 'pithos/o')
    expect(got.body.equals(data)).toBe(true)
    expect(got.headers).toMatchObject({
      etag: answer.headers['etag'],
      'content-type': 'image/png',
      'x-object-sharing': 'read=%2A',
    })
    expect(got.headers['x-object-meta-a']).toBeUndefined()
  }
})

test('the answer to a form is the MD5, where the cloud keeps it', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished, { settings: { PITHOS_UPDATE_MD5: true } })
  const md5 = createHash('md5').update('hello').digest('hex')
  const answer = await sendForm(alice, form(new TextEncoder().encode('hello'), ''))
  expect([answer.status, answer.text, answer.headers['etag']]).toEqual([201, md5, md5])
  expect((await alice.send('HEAD', 'pithos/o')).headers['content-type']).toBe('application/octet-stream')
})

test('the token may stand in the query of a form', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const path = `${cloud.url}/pithos/object-store/v1/${alice.userId}/pithos/o?X-Auth-Token=${encodeURIComponent(alice.token)}`
  const answer = await fetch(path, { method: 'POST', body: form(new TextEncoder().encode('hello'), 'text/plain') })
  expect(answer.status).toBe(201)
  expect((await alice.send('GET', 'pithos/o')).text).toBe('hello')
})

test('a form without the file, or broken, or of a stranger, makes nothing', async ({ onTestFinished }) => {
  const { cloud, alice } = await openAlice(onTestFinished)
  const bob = await cloud.user()
  const data = new TextEncoder().encode('hello')
  expect((await sendForm(alice, form(data, 'text/plain', 'other'))).status).toBe(400)
  expect((await sendForm(bob, form(data, 'text/plain'), `/${alice.userId}/pithos/o`)).status).toBe(403)
  expect((await sendForm(alice, form(data, 'text/plain'), 'nowhere/o')).status).toBe(404)
  const raw = (type: string, body: string) => alice.send('POST', 'pithos/o', { headers: { 'Content-Type': type }, body })
  expect((await raw('multipart/form-data', 'x')).status).toBe(400)
  const begun = '--b\r\nContent-Disposition: form-data; name="X-Object-Data"; filename="a"\r\n\r\nhalf of it'
  expect((await raw('multipart/form-data; boundary=b', begun)).status).toBe(400)
  expect((await raw('multipart/form-data; boundary=b', '')).status).toBe(400)
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
})

test('a form that has no room is refused and changes nothing', async ({ onTestFinished }) => {
  const { alice } = await openAlice(onTestFinished)
  await alice.send('POST', 'pithos?update', { headers: { 'X-Container-Policy-Quota': '3' } })
  expect((await sendForm(alice, form(new TextEncoder().encode('hello'), 'text/plain'))).status).toBe(413)
  expect((await alice.send('HEAD', 'pithos/o')).status).toBe(404)
})
