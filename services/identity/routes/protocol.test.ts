// What holds for every call of the identity and account APIs (identity-api.md §2): walked over the routes that are
// declared, so that a new one cannot be forgotten.
import { routesOf } from '@synnefo/lib/http'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from './open-test-api.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'] as const

async function openCloud(finished: typeof onTestFinished) {
  const api = await openTestApi(finished, { ASTAKOS_ADMIN_API_ENABLED: true })
  const urls = new Set(
    routesOf(api.app)
      .map(({ url }) => url)
      .filter((url) => /^\/astakos\/(account|identity)\//.test(url)),
  )
  /** Addresses as clients call them: without the slash at the end and the suffix that each may have. */
  const calls = [...urls].filter((url) => !/\/$|\.(json|xml)$/.test(url))
  const ask = async (method: string, url: string, headers: Record<string, string> = {}) => {
    const path = url.replace(/:\w+/g, '7')
    const { statusCode: status, headers: answered, body } = await api.app.inject({ method: method as 'GET', url: path, headers })
    return { status, headers: answered, body }
  }
  return { ...api, urls, calls, ask }
}

/** The fault in an answer. */
const faultOf = (body: string) => Object.entries(JSON.parse(body) as Record<string, { code: number; message: string }>)[0]!

test('every call is there with a slash at its end too, and with a suffix for the form of its answer', async ({
  onTestFinished,
}) => {
  const { calls, urls } = await openCloud(onTestFinished)
  expect(calls.length).toBeGreaterThan(20)
  for (const url of calls) {
    expect([url, urls.has(`${url}/`)]).toEqual([url, true])
    // A parameter at the end takes the suffix in.
    const named = /:\w+$/.test(url)
    for (const suffix of ['.json', '.xml']) expect([url, named || urls.has(url + suffix)]).toEqual([url, true])
  }
})

test('a method that a call has not is refused with those that it has; reading allows no HEAD', async ({ onTestFinished }) => {
  const { calls, ask } = await openCloud(onTestFinished)
  for (const url of calls) {
    const { headers } = await ask('PATCH', url)
    const allowed = String(headers.allow).split(',')
    expect([url, allowed.filter((method) => !['GET', 'POST', 'PUT', 'DELETE'].includes(method))]).toEqual([url, []])
    for (const method of METHODS) {
      for (const spelled of [url, `${url}/`]) {
        const answer = await ask(method, spelled)
        const what = `${method} ${spelled}`
        if (allowed.includes(method)) {
          expect([what, answer.status === 405]).toEqual([what, false])
          continue
        }
        expect([what, answer.status, answer.headers.allow]).toEqual([what, 405, allowed.join(',')])
        if (method === 'HEAD') expect([what, answer.body]).toEqual([what, ''])
        else
          expect([what, faultOf(answer.body)]).toEqual([
            what,
            ['notAllowed', { code: 405, message: 'Method not allowed', details: '' }],
          ])
      }
    }
  }
})

test('no answer is kept, and every one says its length and what it differs by', async ({ onTestFinished }) => {
  const { calls, ask } = await openCloud(onTestFinished)
  const nowhere = ['/astakos/account/v1.0/dreams', '/astakos/identity/dreams', '/astakos/account/']
  for (const url of [...calls, ...nowhere]) {
    for (const method of METHODS) {
      const { status, headers, body } = await ask(method, url)
      const what = `${method} ${url}: ${status}`
      expect([what, headers['cache-control']]).toEqual([what, 'no-cache, no-store, must-revalidate, max-age=0'])
      expect([what, headers.vary]).toEqual([what, 'X-Auth-Token'])
      expect([what, headers.expires]).toEqual([what, headers['last-modified']])
      expect([what, headers['content-length'] ?? headers['transfer-encoding']]).not.toEqual([what, undefined])
      if (body !== '') expect([what, headers['content-type']]).toEqual([what, 'application/json; charset=UTF-8'])
    }
  }
})

test('an address of nothing is 400, also below what is there', async ({ onTestFinished }) => {
  const { calls, ask } = await openCloud(onTestFinished)
  for (const url of [
    '/astakos/account/',
    '/astakos/account/v2.0/quotas',
    '/astakos/identity/v3',
    ...calls.map((call) => `${call}/no/such/call`),
  ]) {
    const { status, body } = await ask('GET', url)
    expect([url, status, faultOf(body)]).toEqual([
      url,
      400,
      ['badRequest', { code: 400, message: 'API endpoint not found', details: '' }],
    ])
  }
})

test('faults come as XML to who asks for it: in the query, by suffix or by Accept', async ({ onTestFinished }) => {
  const { ask } = await openCloud(onTestFinished)
  const quotas = '/astakos/account/v1.0/quotas'
  const asked: [string, Record<string, string>, boolean][] = [
    [`${quotas}?format=xml`, {}, true],
    [`${quotas}.xml`, {}, true],
    [quotas, { accept: 'text/html, application/xml' }, true],
    [`${quotas}.json`, { accept: 'application/xml' }, false],
    [`${quotas}.xml?format=json`, { accept: 'application/xml' }, false],
    [quotas, { accept: 'application/json, application/xml' }, false],
    [quotas, { accept: 'text/html' }, false],
  ]
  for (const [url, headers, isXml] of asked) {
    const { status, headers: answered, body } = await ask('GET', url, headers)
    expect([url, status, answered['content-type']]).toEqual([
      url,
      401,
      isXml ? 'application/xml; charset=UTF-8' : 'application/json; charset=UTF-8',
    ])
    if (isXml) {
      expect(body).toContain('<unauthorized xmlns="http://docs.openstack.org/identity/api/v2.0" code="401">')
      expect(body).toContain('<message>Access denied. No authentication token</message><details/>')
    }
  }
})

test('a good answer is JSON, and says so, also where XML is asked for and there is none', async ({ onTestFinished }) => {
  const { ask } = await openCloud(onTestFinished)
  for (const url of ['/astakos/account/v1.0/resources.xml', '/astakos/identity/.xml', '/astakos/identity/v2.0?format=xml']) {
    const { status, headers, body } = await ask('GET', url)
    expect([url, status, headers['content-type']]).toEqual([url, 200, 'application/json; charset=UTF-8'])
    expect(JSON.parse(body)).toBeTypeOf('object')
  }
})

test('the addresses of folders lead on, and nothing else is led on', async ({ onTestFinished }) => {
  const { ask } = await openCloud(onTestFinished)
  for (const [from, to] of [
    ['/astakos', '/astakos/ui/'],
    ['/astakos/', '/astakos/ui/'],
    ['/astakos/ui', '/astakos/ui/'],
    ['/astakos/weblogin', '/astakos/weblogin/'],
  ] as const) {
    const { status, headers } = await ask('GET', from)
    expect([from, status, headers.location]).toEqual([from, 302, to])
  }
  expect((await ask('GET', '/astakos/weblogin/')).status).toBe(404)
  expect((await ask('GET', '/astakos/admin/')).status).toBe(404)
})
