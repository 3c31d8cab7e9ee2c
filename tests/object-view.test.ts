// Objects as people meet them in browsers, and the object store as a way to the identity service: views with the OAuth 2.0
// flow between the two services, public links with a password, proxies, and the addresses of old clients.
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openWholeCloud, type WholeCloud } from './cloud.ts'
import { sendRaw } from './raw-http.ts'
import { openBrowser } from './whole-cloud/browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }
const PATH = 'folder/%C3%A4%20file%3F.txt'

async function openCloud(onTestFinished: OnTestFinished) {
  const cloud = await openWholeCloud(onTestFinished)
  const alice = await cloud.person(LOGIN)
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string, token = alice.token) =>
    fetch(`${cloud.url}/pithos/object-store/v1/${alice.uuid}${path}`, {
      method,
      headers: { 'X-Auth-Token': token, 'Content-Type': 'text/plain', ...headers },
      ...(body === undefined ? {} : { body }),
    })
  expect((await send('PUT', '/pithos')).status).toBe(201)
  expect((await send('PUT', `/pithos/${PATH}`, {}, 'Hello, Pithos!')).status).toBe(201)
  const view = (rest = `pithos/${PATH}`) => `${cloud.url}/pithos/ui/view/${alice.uuid}/${rest}`
  return { ...cloud, alice, send, view }
}

/** As a browser goes: keeps cookies by host, and follows when it is told to. */
function openVisitor() {
  const jar = new Map<string, Map<string, string>>()
  async function go(url: string, init: RequestInit = {}) {
    const { host } = new URL(url)
    const kept = jar.get(host) ?? new Map<string, string>()
    jar.set(host, kept)
    const cookie = [...kept].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { Cookie: cookie, Accept: 'text/html', ...init.headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      kept.set(name!, value!)
    }
    return {
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
      location: answer.headers.get('location') ?? '',
    }
  }
  /** Every step until there is nowhere to go on to. */
  async function follow(url: string, init?: RequestInit) {
    const steps: string[] = []
    for (let next = url; ; ) {
      const answer = await go(next, init)
      if (answer.location === '') return { ...answer, steps }
      next = new URL(answer.location, next).href
      steps.push(next)
      if (steps.length > 6) throw new Error(`led in circles: ${steps.join('\n')}`)
    }
  }
  const signIn = async ({ url }: Pick<WholeCloud, 'url'>) => {
    const body = JSON.stringify(LOGIN)
    expect(
      (await go(`${url}/astakos/ui/api/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).status,
    ).toBe(200)
  }
  return { go, follow, signIn }
}

test('a browser that is signed in sees its object, by a code, a token and this path alone', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const visitor = openVisitor()
  await visitor.signIn(cloud)
  const shown = await visitor.follow(`${cloud.view()}?disposition-type=attachment&x=1`)
  expect([shown.status, shown.text]).toEqual([200, 'Hello, Pithos!'])
  expect(Object.fromEntries(shown.headers)).toMatchObject({
    'content-disposition': expect.stringMatching(/^attachment; filename="folder\/%C3%A4 file%3F.txt"/),
    'content-security-policy': "sandbox; default-src 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-object-version': expect.any(String),
  })
  const [auth, code, token] = shown.steps.map((step) => new URL(step)) as [URL, URL, URL]
  const resource = `/${cloud.alice.uuid}/pithos/${PATH}`
  const here = `${cloud.view()}?disposition-type=attachment&x=1`
  expect([auth.pathname, Object.fromEntries(auth.searchParams)]).toEqual([
    '/astakos/oauth2/auth',
    {
      response_type: 'code',
      client_id: expect.any(String),
      redirect_uri: here,
      state: expect.any(String),
      scope: resource,
    },
  ])
  expect([...code.searchParams.keys()]).toEqual(['disposition-type', 'x', 'code', 'state'])
  expect([...token.searchParams.keys()]).toEqual(['disposition-type', 'x', 'access_token'])

  // What holds for objects holds here: parts, conditions, HEAD, versions, hash lists.
  const again = (init: RequestInit, query = '') => visitor.follow(cloud.view() + query, init)
  expect(await again({ headers: { Range: 'bytes=0-4' } })).toMatchObject({ status: 206, text: 'Hello' })
  expect((await again({ headers: { 'If-None-Match': shown.headers.get('etag')! } })).status).toBe(304)
  const { steps } = await again({})
  expect(await visitor.go(steps.at(-1)!, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  expect((await visitor.go(cloud.view(), { method: 'HEAD' })).status).toBe(302)
  expect((await again({}, '?version=list')).text).toContain('"versions"')
  // What lies below the name of the object is no part of it.
  expect((await again({}, '?archive=tar')).text).toBe('Hello, Pithos!')
  expect((await again({}, '?hashmap&format=json')).text).toContain('"hashes"')
})

test('nobody is shown anything by what is not his, and is told on a page', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { view, send } = cloud
  await send('PUT', '/pithos/a', {}, 'short')
  await send('PUT', '/pithos/ab', {}, 'longer')
  const visitor = openVisitor()
  const signedOut = await visitor.follow(view()).catch((error: Error) => error.message)
  expect(JSON.stringify(signedOut)).toContain('/astakos/ui/login?next=')
  await visitor.signIn(cloud)
  const page = async (url: string) => {
    const { status, headers } = await visitor.follow(url)
    return [status, headers.get('content-type')]
  }
  const html = 'text/html; charset=utf-8'
  expect(await page(view('pithos/nothing'))).toEqual([404, html])
  expect(await page(view('nowhere/nothing'))).toEqual([404, html])
  expect(await page(view('pithos'))).toEqual([404, html])
  expect(await page(view('pithos/a?version=12345'))).toEqual([404, html])
  const bob = await cloud.person()
  const theirs = `${cloud.url}/pithos/object-store/v1/${bob.uuid}/c`
  const as = { headers: { 'X-Auth-Token': bob.token, 'Content-Type': 'text/plain' }, method: 'PUT' }
  await fetch(theirs, as)
  await fetch(`${theirs}/o`, { ...as, body: 'of Bob' })
  await fetch(`${theirs}/shared`, {
    ...as,
    headers: { ...as.headers, 'X-Object-Sharing': `read=${cloud.alice.uuid}` },
    body: 'for Alice',
  })
  const bobs = (name: string) => `${cloud.url}/pithos/ui/view/${bob.uuid}/c/${name}`
  for (const name of ['o', 'nothing']) expect(await page(bobs(name))).toEqual([403, html])
  expect((await visitor.follow(bobs('shared'))).text).toBe('for Alice')

  // A token is for one path, and not for those that begin alike; neither is an API token one.
  const token = new URL((await visitor.follow(view('pithos/a'))).steps.at(-1)!).searchParams.get('access_token')!
  expect((await fetch(`${view('pithos/a')}?access_token=${token}`)).status).toBe(200)
  for (const [url, shown] of [
    [view('pithos/ab'), token],
    [view('pithos/a'), cloud.alice.token],
    [view('pithos/a'), 'nonsense'],
    [view('pithos/a'), ''],
    [view('pithos/a'), '..'],
  ] as const) {
    const answer = await fetch(`${url}?x=1&access_token=${shown}`, { redirect: 'manual' })
    expect([shown, answer.status, answer.headers.get('location')]).toEqual([shown, 302, `${url}?x=1`])
  }

  // Codes and states: of this browser, of this path, and once.
  const { steps } = await visitor.follow(view('pithos/a'))
  const withCode = steps.find((step) => step.includes('code='))!
  expect(await page(withCode)).toEqual([403, html])
  const other = openVisitor()
  await other.go(view('pithos/a'))
  const state = new URL((await visitor.go(view('pithos/a'))).location).searchParams.get('state')!
  expect((await other.go(`${view('pithos/a')}?code=any&state=${state}`)).status).toBe(403)
  expect((await visitor.go(`${view('pithos/ab')}?code=any&state=${state}`)).status).toBe(403)
  expect((await visitor.go(`${view('pithos/a')}?code=any&state=${state}`)).status).toBe(403)
  expect((await visitor.go(`${view('pithos/a')}?code=any`)).status).toBe(403)
  expect((await visitor.go(`${view('pithos/a')}?error=access_denied&state=${state}`)).status).toBe(403)
  // Neither a session nor an API token opens a view by itself.
  const plain = await fetch(view('pithos/a'), { redirect: 'manual', headers: { 'X-Auth-Token': cloud.alice.token } })
  expect(plain.status).toBe(302)
  for (const method of ['PUT', 'POST', 'DELETE', 'COPY']) {
    const answer = await fetch(view(), { method })
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
  }
})

test('views go to the host that is set aside for what users made, and come back there', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const unsafe = new URL(cloud.url).host.replace('127.0.0.1', 'localhost')
  Object.assign(cloud.services.objectStore.settings, { PITHOS_UNSAFE_DOMAIN: unsafe })
  const visitor = openVisitor()
  await visitor.signIn(cloud)
  const { status, text, steps } = await visitor.follow(`${cloud.view()}?x=1`)
  expect([status, text]).toEqual([200, 'Hello, Pithos!'])
  expect(steps.map((step) => new URL(step).hostname)).toEqual(['localhost', '127.0.0.1', 'localhost', 'localhost'])
  expect((await fetch(cloud.view(), { method: 'POST' })).status).toBe(403)
})

test('views ask an identity service elsewhere, which its catalogue describes, as the client they are told', async ({
  onTestFinished,
}) => {
  const elsewhere = await openCloud(onTestFinished)
  const cloud = await openWholeCloud(onTestFinished, {
    chosen: {
      ASTAKOS_AUTH_URL: `${elsewhere.url}/astakos/identity/v2.0`,
      PITHOS_OAUTH2_CLIENT_CREDENTIALS: ['pithos-view', 'its secret'],
    },
  })
  const url = `${cloud.url}/pithos/ui/view/${elsewhere.alice.uuid}/c/o`
  const visitor = openVisitor()
  await visitor.signIn(elsewhere)
  const led = await visitor.go(url)
  expect(led.location).toContain(`${elsewhere.url}/astakos/oauth2/auth?response_type=code&client_id=pithos-view&`)
  const catalogs = await fetch(`${cloud.url}/pithos/_astakos/account/v1.0/user_catalogs`, {
    method: 'POST',
    headers: { 'X-Auth-Token': elsewhere.alice.token, 'Content-Type': 'application/json' },
    body: JSON.stringify({ uuids: [elsewhere.alice.uuid] }),
  })
  expect(await catalogs.json()).toMatchObject({ uuid_catalog: { [elsewhere.alice.uuid]: LOGIN.email } })
})

test('in a real browser the view shows the file, and a link with a password asks on a page', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  await cloud.send(
    'PUT',
    '/pithos/page.html',
    { 'Content-Type': 'text/html', 'X-Object-Public': 'true', 'X-Object-Public-Password': 'sesame' },
    '<h1 id="made">Made by users</h1><script>document.title = document.cookie + "run"</script>',
  )
  const link = (await cloud.send('HEAD', '/pithos/page.html')).headers.get('x-object-public')!
  const browser = await openBrowser(onTestFinished)
  await browser.request.post(`${cloud.url}/astakos/ui/api/login`, { data: LOGIN })
  const page = await browser.newPage()
  await page.goto(cloud.view())
  expect(await page.locator('body').innerText()).toBe('Hello, Pithos!')
  await page.goto(cloud.view('pithos/page.html'))
  expect([await page.locator('#made').innerText(), await page.title()]).toEqual(['Made by users', ''])

  await page.goto(link)
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Open' }).click()
  expect(await page.getByRole('alert').innerText()).toBe('That is not the password.')
  await page.getByLabel('Password').fill('sesame')
  await page.getByRole('button', { name: 'Open' }).click()
  await page.waitForURL(/ticket=/)
  expect([await page.locator('#made').innerText(), await page.title()]).toEqual(['Made by users', ''])
})

test('requests to the identity and account services pass through, without cookies and on no other way', async ({
  onTestFinished,
}) => {
  const cloud = await openCloud(onTestFinished)
  const { alice } = cloud
  const proxy = (path: string, init: RequestInit = {}) =>
    fetch(`${cloud.url}/pithos/_astakos/${path}`, { redirect: 'manual', ...init })
  const json = { 'X-Auth-Token': alice.token, 'Content-Type': 'application/json' }
  const body = JSON.stringify({ uuids: [alice.uuid], displaynames: [LOGIN.email] })
  const catalogs = await proxy('account/v1.0/user_catalogs', { method: 'POST', headers: json, body })
  expect([catalogs.status, await catalogs.json()]).toEqual([
    200,
    { uuid_catalog: { [alice.uuid]: LOGIN.email }, displayname_catalog: { [LOGIN.email]: alice.uuid } },
  ])
  const feedback = new URLSearchParams({ feedback_msg: 'Well done', feedback_data: '{}' })
  const telling = { method: 'POST', headers: { 'X-Auth-Token': alice.token }, body: feedback }
  const told = await proxy('account/v1.0/feedback', telling)
  const straight = await fetch(`${cloud.url}/astakos/account/v1.0/feedback`, telling)
  expect([told.status, await told.text()]).toEqual([straight.status, await straight.text()])
  const token = await proxy('identity/v2.0/tokens', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ auth: { token: { id: alice.token } } }),
  })
  expect(await token.json()).toMatchObject({ access: { user: { id: alice.uuid } } })
  const quotas = await proxy('account/v1.0/quotas?x=1', { headers: { 'X-Auth-Token': alice.token } })
  expect(Object.keys((await quotas.json()) as object)).toEqual([alice.uuid])
  expect((await proxy('account/v1.0/quotas')).status).toBe(401)
  expect((await proxy('account/v1.0/nonexistent')).status).toBe(400)

  const visitor = openVisitor()
  await visitor.signIn(cloud)
  expect(
    (
      await visitor.go(`${cloud.url}/pithos/_astakos/account/v1.0/user_catalogs`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      })
    ).status,
  ).toBe(401)

  for (const path of [
    'identity/%2e%2e/ui/api/session',
    'account/..%2f..%2fhealth',
    'account/%5c..%5cui',
    'identity/.%2E/oauth2/auth',
  ])
    expect([
      path,
      (await sendRaw(cloud.url, [`GET /pithos/_astakos/${path} HTTP/1.1`, 'Host: x', 'Connection: close'])).status,
    ]).toEqual([path, 404])
  const ui = await proxy('ui/login?next=%2Fa')
  expect([ui.status, ui.headers.get('location')]).toEqual([302, `${cloud.url}/astakos/ui/login?next=%2Fa`])
})

test('old addresses lead where the present ones do, and what is none is said to be none', async ({ onTestFinished }) => {
  const cloud = await openCloud(onTestFinished)
  const { alice } = cloud
  const ask = (path: string, headers: Record<string, string> = { 'X-Auth-Token': alice.token }, method = 'GET') =>
    fetch(cloud.url + path, { method, headers, redirect: 'manual' })
  for (const prefix of ['/pithos/object-store/v1', '/pithos/object-store/v1.0', '/pithos/v1', '/pithos/v1.0', '/v1', '/v1.0'])
    expect([prefix, await (await ask(`${prefix}/${alice.uuid}/pithos/${PATH}`)).text()]).toEqual([prefix, 'Hello, Pithos!'])
  const introduced = await ask('/v1/', { 'X-Auth-User': alice.uuid, 'X-Auth-Key': alice.token })
  expect(introduced.headers.get('x-storage-url')).toBe(`${cloud.url}/pithos/object-store/v1/${alice.uuid}`)
  for (const path of ['', '/', '/v1', '/v2/', '/v2/a/b', '/v10/x', '/x']) {
    const answer = await ask(`/pithos/object-store${path}`, {}, 'PUT')
    expect([path, answer.status, await answer.json()]).toEqual([
      path,
      400,
      { badRequest: expect.objectContaining({ code: 400 }) },
    ])
  }
  for (const path of ['/pithos/ui', '/pithos/public']) {
    const answer = await ask(`${path}?a=b`, {})
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 302, `${path}/?a=b`])
  }
  // The token in the address is the one that is meant.
  const account = `/pithos/object-store/v1/${alice.uuid}`
  const status = async (path: string, headers?: Record<string, string>) => (await ask(path, headers)).status
  expect(await status(`${account}?X-Auth-Token=${alice.token}`, { 'X-Auth-Token': 'nonsense' })).toBe(200)
  expect(await status(`${account}?X-Auth-Token=nonsense`)).toBe(401)
  const unauthorized = await ask(`${account}?X-Auth-Token=nonsense`)
  expect(await unauthorized.json()).toEqual({ unauthorized: expect.objectContaining({ code: 401 }) })
  const visitor = openVisitor()
  await visitor.signIn(cloud)
  expect((await visitor.go(`${cloud.url}${account}/pithos`, { method: 'PUT' })).status).toBe(401)

  const catalog = (await (await ask('/astakos/identity/v2.0/tokens', {}, 'POST')).json()) as {
    access: { serviceCatalog: { type: string; endpoints: object[] }[] }
  }
  const endpointOf = (type: string) => catalog.access.serviceCatalog.find((entry) => entry.type === type)?.endpoints
  expect(endpointOf('pithos_public')).toMatchObject([{ versionId: '', publicURL: `${cloud.url}/pithos/public` }])
  expect(endpointOf('pithos_ui')).toMatchObject([{ versionId: '', publicURL: `${cloud.url}/pithos/ui` }])
})
