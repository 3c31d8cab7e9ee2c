// The bar on top of all pages: what it asks, who may read the answer, and what it shows in a real browser.
import { PATIENCE_MS } from '@synnefo/lib/testing'
import { chromium } from 'playwright-core'
import { expect, type onTestFinished, test } from 'vitest'
import { commandLine } from '../../commands/testing.ts'
import { startSession } from '../../sessions/sessions.ts'
import type { IdentitySettings } from '../../settings/index.ts'
import { createTestUser } from '../../testing.ts'
import { openTestApi } from '../open-test-api.ts'

async function openCloud(finished: typeof onTestFinished, settings: Partial<IdentitySettings> = {}) {
  const api = await openTestApi(finished, settings)
  const alice = await createTestUser(api.identity, { email: 'alice@example.test' })
  const session = await api.db.transaction((tx) =>
    startSession(api.identity, tx, alice, { address: '127.0.0.1', userAgent: '', method: 'local' }),
  )
  const signedIn = { cookie: `sessionid=${session.secret}` }
  const get = (path: string, headers: Record<string, string> = {}) => api.app.inject({ url: `/astakos/ui/${path}`, headers })
  return { ...api, signedIn, get, manage: commandLine(api.identity), secret: session.secret }
}

test('components come in order, as they are built in and as operators say otherwise', async ({ onTestFinished }) => {
  const { get, manage } = await openCloud(onTestFinished, {
    ASTAKOS_COMPONENTS_META: { pithos: { verbose_name: 'Files', cloudbar: { icon: 'files.png' } }, radio: { order: 0 } },
  })
  await manage('component-add radio --base-url https://radio.test --ui-url https://radio.test/listen')
  const { statusCode, body, headers } = await get('get_services')
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(JSON.parse(body)).toEqual([
    {
      name: 'radio',
      url: 'https://radio.test/listen',
      order: 0,
      verbose_name: 'Radio',
      cloudbar: { show: true, title: 'radio' },
      dashboard: { show: true, order: 1000, description: '' },
    },
    expect.objectContaining({
      name: 'astakos',
      url: 'http://cloud.test/astakos/ui',
      order: 1,
      cloudbar: { show: false, title: 'astakos' },
      dashboard: expect.objectContaining({ order: 3 }),
    }),
    expect.objectContaining({
      name: 'pithos',
      order: 2,
      verbose_name: 'Files',
      cloudbar: { show: true, title: 'pithos', icon: 'files.png' },
    }),
    expect.objectContaining({ name: 'cyclades', order: 3, verbose_name: 'Cyclades' }),
  ])
})

test('the menu tells who is signed in', async ({ onTestFinished }) => {
  const { get, signedIn } = await openCloud(onTestFinished)
  expect((await get('get_menu?location=http://cloud.test/')).json()).toEqual([
    { url: 'http://cloud.test/astakos/ui/', name: 'Sign in' },
  ])
  const menu = [
    { url: 'http://cloud.test/astakos/ui/', name: 'alice@example.test', is_active: true },
    { url: 'http://cloud.test/astakos/ui/landing', name: 'Dashboard' },
    { url: 'http://cloud.test/astakos/ui/logout', name: 'Sign out' },
  ]
  expect((await get('get_menu', signedIn)).json()).toEqual(menu)
  const script = await get('get_menu/?callback=jQuery._1$', signedIn)
  expect(script.headers['content-type']).toBe('application/javascript; charset=utf-8')
  expect(script.body).toBe(`/**/jQuery._1$(${JSON.stringify(menu)});`)
})

test('a script that asks for the services discards what an earlier page wanted to say', async ({ onTestFinished }) => {
  const { get } = await openCloud(onTestFinished)
  const waiting = { cookie: 'login_outcome=something' }
  expect((await get('get_services', waiting)).headers['set-cookie']).toBeUndefined()
  expect(String((await get('get_services?callback=show', waiting)).headers['set-cookie'])).toMatch(/^login_outcome=; .*Max-Age=0/)
})

test('a callback that is no name of a function is refused', async ({ onTestFinished }) => {
  const { get } = await openCloud(onTestFinished)
  for (const callback of ['alert(1)', 'a-b', '', 'a b', 'a'.repeat(129)]) {
    const { statusCode, headers } = await get(`get_services?callback=${encodeURIComponent(callback)}`)
    expect([callback, statusCode, headers['content-type']]).toEqual([callback, 400, 'application/json; charset=utf-8'])
  }
})

test('pages of registered components read the answer with cookies, those of anybody else do not', async ({ onTestFinished }) => {
  const { get, manage } = await openCloud(onTestFinished)
  await manage('component-add radio --base-url https://radio.test:8443/api')
  const allowed = async (origin: string) => {
    const { headers } = await get('get_menu', { origin })
    return [headers['access-control-allow-origin'], headers['access-control-allow-credentials'], headers['vary']]
  }
  expect(await allowed('https://radio.test:8443')).toEqual(['https://radio.test:8443', 'true', 'Origin'])
  expect(await allowed('http://cloud.test')).toEqual(['http://cloud.test', 'true', 'Origin'])
  for (const origin of ['https://radio.test', 'https://radio.test:8443.evil.test', 'null', 'https://evil.test'])
    expect(await allowed(origin)).toEqual([undefined, undefined, 'Origin'])
})

test('a page in a browser gets the bar, with its own service marked and the person as a menu', async ({ onTestFinished }) => {
  const { app, identity, secret, manage } = await openCloud(onTestFinished, {
    ASTAKOS_COMPONENTS_META: { pithos: { verbose_name: '<b>Files</b>' } },
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  // The registry knows the cloud under the address that the browser uses.
  Object.assign(identity, { baseUrl: () => url })
  for (const name of ['astakos', 'pithos', 'cyclades'])
    await manage(`component-modify ${name} --base-url ${url}/x/${name} --ui-url ${url}/${name}/ui`)

  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  onTestFinished(() => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const scripts = ['settings.js', 'cloudbar.js'].map((name) => `<script src="/static/im/cloudbar/${name}"></script>`)
  const body = `<!doctype html><title>Page</title>${scripts.join('')}<body>Hello`
  await page.route('**/cyclades/ui/page', (route) => route.fulfill({ contentType: 'text/html', body }))
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  const look = async () => {
    await page.goto(`${url}/cyclades/ui/page`)
    await page.locator('.cloudbar .profile a').first().waitFor()
    const services = await page.locator('.cloudbar .service').all()
    const links = await page.locator('.cloudbar .profile a').all()
    return {
      services: await Promise.all(
        services.map(async (entry) => ({
          text: await entry.textContent(),
          marks: await entry.getAttribute('class'),
          hidden: !(await entry.isVisible()),
        })),
      ),
      menu: await Promise.all(
        links.map(async (link) => [await link.textContent(), (await link.getAttribute('href'))!.slice(url.length)]),
      ),
      anonymous: /user-not-authenticated/.test((await page.locator('body').getAttribute('class')) ?? ''),
    }
  }
  const services = [
    { text: 'Astakos', marks: 'service service-astakos', hidden: true },
    { text: '<b>Files</b>', marks: 'service service-pithos', hidden: false },
    { text: 'Cyclades', marks: 'service service-cyclades active', hidden: false },
  ]
  expect(await look()).toEqual({ services, menu: [['Sign in', '/astakos/ui/']], anonymous: true })
  await context.addCookies([{ name: 'sessionid', value: secret, url }])
  expect(await look()).toEqual({
    services,
    menu: [
      ['alice@example.test', '/astakos/ui/landing'],
      ['Dashboard', '/astakos/ui/landing'],
      ['Sign out', '/astakos/ui/logout'],
    ],
    anonymous: false,
  })
  expect(problems).toEqual([])
})

test('a page without a bar says so', async ({ onTestFinished }) => {
  const { app } = await openCloud(onTestFinished, { CLOUDBAR_ACTIVE: false })
  expect((await app.inject('/static/im/cloudbar/settings.js')).body).toBe('window.CLOUDBAR_ACTIVE = false;\n')
})

test('resources are explained in order, those of strangers too', async ({ onTestFinished }) => {
  const { get, manage } = await openCloud(onTestFinished, {
    ASTAKOS_RESOURCES_META: {
      groups: { storage: { verbose_name: 'Files' } },
      resources: { 'cyclades.vm': { report_desc: 'Servers' } },
    },
  })
  await manage('component-add radio --base-url https://radio.test')
  const radio = {
    radio_waves: {
      type: 'waves',
      component: 'radio',
      endpoints: [],
      resources: { a: { name: 'radio.air_time', desc: 'hours on air', service_type: 'waves', service_origin: 'radio_waves' } },
    },
  }
  expect((await manage('service-import --json -', JSON.stringify(radio))).status).toBe(0)
  const { groups, resources } = (await get('api/resources')).json()
  expect(groups.map(({ name, verbose_name }: Record<string, string>) => [name, verbose_name])).toEqual([
    ['storage', 'Files'],
    ['compute', 'compute'],
    ['network', 'network'],
    ['accounts', 'accounts'],
  ])
  expect(resources.map(({ name, report_desc }: Record<string, string>) => [name, report_desc])).toEqual([
    ['pithos.diskspace', 'File Storage Space'],
    ['cyclades.disk', 'Hard Disk Storage'],
    ['cyclades.cpu', 'CPUs'],
    ['cyclades.ram', 'RAM'],
    ['cyclades.vm', 'Servers'],
    ['cyclades.network.private', 'Private Networks'],
    ['cyclades.floating_ip', 'Public (Floating) IPs'],
    ['radio.air_time', 'hours on air'],
  ])
  expect(resources.at(-1)).toMatchObject({ group: 'radio', verbose_name: 'air time', unit: null })
})
