// Takes pictures of the pages of a running cloud, in both sizes and both colours, with Debian's Chromium.
//   node apps/web/screenshots.ts --url http://127.0.0.1:8080 --email E --password P --out FOLDER [--only servers,home]
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
const COLOURS = ['light', 'dark'] as const

/** By the name of the picture. `{server}` stands for a server that exists, `{container}` for a container. */
const SIGNED_OUT = {
  'sign-in': '/signin',
  'sign-up': '/signup',
  'check-mail': '/signup/mail?email=someone@example.org',
  'bad-link': '/activate',
  forgotten: '/forgotten',
  'new-password': '/astakos/ui/local/reset/confirm/MQ/0-x/',
  'email-change': '/astakos/ui/email_change/confirm/0',
  terms: '/terms',
  feedback: '/feedback',
}
const SIGNED_IN = {
  home: '/',
  access: '/access',
  security: '/security',
  storage: '/storage',
  container: '/storage/{container}',
  trash: '/storage/trash',
  search: '/search?meta=Tags',
  shared: '/shared',
  groups: '/groups',
  images: '/images',
  servers: '/servers',
  'server-new': '/servers/new',
  server: '/servers/{server}',
  keys: '/keys',
  networks: '/networks',
  volumes: '/volumes',
  mails: '/admin/mails',
  'not-found': '/nowhere',
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export async function signIn(page: Page, url: string, email: string, password: string) {
  await page.goto(`${url}/signin`)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${url}/`)
}

/** Shows an address and waits until the page is whole. */
export async function show(page: Page, address: string) {
  await page.goto(address)
  await page.locator('h1').first().waitFor({ state: 'attached' })
  await page.waitForLoadState('networkidle').catch(() => undefined) // a page that polls is never idle for long
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

interface Wishes {
  url: string
  email: string
  password: string
  out: string
  only?: string[] | undefined
}

async function takeScreenshots({ url, email, password, out, only }: Wishes) {
  await mkdir(out, { recursive: true })
  const wanted = (name: string) => only === undefined || only.includes(name)
  const browser = await openBrowser()
  const troubles: string[] = []
  try {
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of COLOURS) {
        const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1, hasTouch: size === 'phone' })
        const page = await context.newPage()
        page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`))
        page.on('console', (message) => message.type() === 'error' && troubles.push(`${page.url()}: ${message.text()}`))
        const take = async (name: string, path: string) => {
          await show(page, `${url}${path}`)
          await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) })
        }
        for (const [name, path] of Object.entries(SIGNED_OUT)) if (wanted(name)) await take(name, path)
        await signIn(page, url, email, password)
        const places = await findPlaces(page, url)
        for (const [name, path] of Object.entries(SIGNED_IN)) {
          const filled = path.replace(/\{(\w+)\}/g, (_, word: string) => places[word] ?? '')
          if (wanted(name)) await take(name, filled)
        }
        await context.close()
      }
    }
  } finally {
    await browser.close()
  }
  await writeFile(join(out, 'troubles.txt'), troubles.join('\n'))
  return troubles
}

/** Something to look at, if the account has it. */
async function findPlaces(page: Page, url: string): Promise<Record<string, string | undefined>> {
  const first = async (path: string, selector: string) => {
    await show(page, `${url}${path}`)
    const href = await page
      .locator(selector)
      .first()
      .getAttribute('href', { timeout: 1_000 })
      .catch(() => null)
    return href?.split('/').at(-1)
  }
  return {
    server: await first('/servers', 'main a[href^="/servers/"]:not([href$="/new"])'),
    container: await first('/storage', 'main a[href^="/storage/"]'),
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      email: { type: 'string' },
      password: { type: 'string' },
      out: { type: 'string' },
      only: { type: 'string' },
    },
  })
  const { url, email, password, out, only } = values
  if (url === undefined || email === undefined || password === undefined || out === undefined) {
    console.error('Say --url, --email, --password and --out')
    process.exit(2)
  }
  const troubles = await takeScreenshots({ url, email, password, out, only: only?.split(',') })
  for (const trouble of troubles) console.error(trouble)
}
