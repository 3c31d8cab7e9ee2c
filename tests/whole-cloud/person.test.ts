// The way from nothing to a server and back, as a person walks it in a browser and as a program walks it over HTTP,
// through a real cloud with a real guest.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ConsoleKind, openCompute } from '@synnefo/clients/compute'
import { connect } from '@synnefo/clients/http'
import { openIdentity } from '@synnefo/clients/identity'
import { openImages } from '@synnefo/clients/image'
import { openObjectStore } from '@synnefo/clients/object-store'
import { openFiles } from '@synnefo/engine-mail'
import { type OnTestFinished, PATIENCE_MS, temporaryFolder, until } from '@synnefo/lib/testing'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { openBrowser } from './browser.ts'
import { type RunningCloud, startCloud, untilNoMachineRuns } from './cloud.ts'
import { logIn, type TextScreen } from './dialogue.ts'
import { type MiniImage, miniImage } from './mini-image.ts'
import { addPerson } from './person.ts'
import { BUILD_MS, consoleUrl, untilStatus } from './servers.ts'
import { lookAtScreen, openSerialLine } from './sockets.ts'
import { stopwatch } from './stopwatch.ts'

const PERSON = { email: 'ada@example.test', firstName: 'Ada', lastName: 'Byron', password: 'the analytical engine weaves' }
const hostReachesGuests = process.getuid!() === 0
const run = promisify(execFile)

const endings: (() => void | Promise<void>)[] = []
let cloud: RunningCloud
let image: MiniImage

beforeAll(async () => {
  image = await miniImage()
  cloud = await startCloud((work) => endings.push(work))
})

afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

test('a person signs up, brings an image, uses a server and takes it away again', { timeout: 1_200_000 }, async (context) => {
  const measure = stopwatch(context.onTestFinished)
  const browser = await openBrowser(context.onTestFinished)
  const page = await openPage(browser, context)

  await measure('sign up and follow the link in the mail', () => signUp(page))
  await measure('sign out and in again', () => signInAgain(page))
  const token = await measure('see and try the token', () => tokenOf(page))
  const before = await usageShown(page)
  await measure('create a container and upload the image', () => uploadImage(page))
  await measure('register it', () => registerImage(page))
  const password = await measure('create a server in the wizard', () => createServer(page))
  await measure('see it become active', () => seeItRun(page))
  const address = await addressShown(page)
  await measure('see the screen in the page', () => seeScreen(page))
  await measure('log in over the serial line in the page', () => useGuest(page, password, address))
  if (hostReachesGuests) await measure('ping the guest from the host', () => pingFromHost(address))
  await measure('shut it down', () => shutDown(page))
  await measure('delete it', () => deleteServer(page))
  const after = { ...before, 'Object storage': expect.stringContaining('48 MiB') }
  await expect.poll(() => usageShown(page)).toEqual(after) // what was known is shown while it is asked for
  expect(await servers(token)).toEqual([])
  await untilNoMachineRuns(cloud.home)
})

test('a program does the same over HTTP', { timeout: 1_200_000 }, async ({ onTestFinished }) => {
  const measure = stopwatch(onTestFinished)
  const { token, uuid } = await addPerson(cloud, 'grace@example.test')
  const connection = connect({ baseUrl: cloud.url, token })
  const [compute, identity, images] = [openCompute(connection), openIdentity(connection), openImages(connection)]
  const usage = async () => mapValues((await identity.quotas())[uuid]!, ({ usage }) => usage)
  const before = await usage()

  const object = { account: uuid, container: 'images', name: 'mini.img' }
  await measure('upload the image', async () => {
    await openObjectStore(connection, uuid).createContainer(object.container)
    await connection.send('PUT', `/pithos/object-store/v1/${uuid}/images/mini.img`, {
      headers: { 'Content-Type': 'application/octet-stream' },
      body: await readFile(image.imagePath),
    })
  })
  const { id: imageRef } = await images.registerImage(object, { name: 'mini', properties: image.properties })
  const { private_key: key } = await compute.createKeyPair('mine')
  const [flavor] = (await compute.listFlavors()).toSorted((a, b) => a.ram - b.ram)
  const wanted = { name: 'second', flavorRef: flavor!.id, imageRef, 'SNF:key_names': ['mine'] }
  const { id, adminPass } = await compute.createServer(wanted)
  await measure('the server becomes active', () => untilStatus(compute, id, 'ACTIVE'))
  expect(await usage()).toMatchObject({ 'cyclades.vm': 1n, 'cyclades.cpu': BigInt(flavor!.vcpus) })
  const [port] = (await compute.showServer(id)).attachments

  const socket = (kind: ConsoleKind) => consoleUrl(cloud, { id, compute }, kind)
  await measure('log in over the serial line', async () => {
    await checkGuest(await openSerialLine(await socket('serial'), onTestFinished), adminPass, port!.ipv4)
  })
  await measure('look at the screen', async () => {
    const picture = await lookAtScreen(await socket('vnc'), onTestFinished)
    expect(picture.width).toBeGreaterThanOrEqual(640)
    expect(picture.colours).toBeGreaterThan(1)
  })
  if (hostReachesGuests) {
    await measure('ping it and log in with the key', async () => {
      await pingFromHost(port!.ipv4)
      expect(await runOverSsh(port!.ipv4, key!, 'hostname', onTestFinished)).toBe(`snf-${id}`)
    })
  }

  await compute.shutdownServer(id)
  await measure('it shuts down', () => untilStatus(compute, id, 'STOPPED'))
  await compute.deleteServer(id)
  await measure('it is gone', () => untilStatus(compute, id, 'DELETED'))
  expect(await compute.listServers()).toEqual([])
  expect(await usage()).toEqual({ ...before, 'pithos.diskspace': BigInt(image.sizeBytes) })
  await untilNoMachineRuns(cloud.home)
})

/** A page that fails the test when it throws, and shows what it looked like when the test fails. */
async function openPage(browser: BrowserContext, { onTestFinished, task }: TestContext): Promise<Page> {
  const page = await browser.newPage()
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  onTestFinished(async () => {
    if (task.result?.state === 'fail') console.error(`${page.url()}\n${await page.locator('body').ariaSnapshot()}`)
    else expect(errors).toEqual([])
  })
  return page
}

const button = (place: Page | Locator, name: string) => place.getByRole('button', { name, exact: true })
const goTo = (page: Page, place: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click()

async function signUp(page: Page): Promise<void> {
  await page.goto(cloud.url)
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByLabel('First name').fill(PERSON.firstName)
  await page.getByLabel('Last name').fill(PERSON.lastName)
  await page.getByLabel('Email').fill(PERSON.email)
  await page.getByLabel('Password').fill(PERSON.password)
  await button(page, 'Create account').click()
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
  await page.goto(await linkInMail())
  await page.getByRole('heading', { name: `Hello, ${PERSON.firstName}` }).waitFor()
}

async function linkInMail(): Promise<string> {
  const mails = await openFiles(join(cloud.home, 'mail'))
  return until(async () => {
    const mail = (await mails.list(10)).find(({ to }) => to.includes(PERSON.email))
    return /https?:\S+activate\S+/.exec(mail?.text ?? '')?.[0]
  })
}

async function signInAgain(page: Page): Promise<void> {
  await button(page, `Account of ${PERSON.firstName} ${PERSON.lastName}`).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('Email').fill(PERSON.email)
  await page.getByLabel('Password').fill(PERSON.password)
  await button(page, 'Sign in').click()
  await page.getByRole('heading', { name: `Hello, ${PERSON.firstName}` }).waitFor()
}

/** The token that the page shows is the one in the file for kamaki, and it works. */
async function tokenOf(page: Page): Promise<string> {
  await goTo(page, 'API access')
  await button(page, 'Show token').click()
  const facts = page.locator('code')
  const token = await until(async () => {
    const texts = await facts.allInnerTexts()
    return texts.find((text) => !text.includes('/') && text.length >= 20)
  })
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '.kamakirc' }).click()])
  const file = await readFile(await download.path(), 'utf8')
  expect(download.suggestedFilename()).toMatch(/^\.?kamakirc$/) // Chromium takes the dot away
  expect(file).toContain(token)
  expect(file).toContain(`${cloud.url}/astakos/identity/v2.0`)
  expect(await servers(token)).toEqual([])
  return token
}

const servers = (token: string) => openCompute(connect({ baseUrl: cloud.url, token })).listServers()

/** What the home page says is used, by resource. */
async function usageShown(page: Page): Promise<Record<string, string>> {
  await goTo(page, 'Home')
  const meters = page.getByRole('meter')
  await meters.first().waitFor({ state: 'attached' })
  const labels = await meters.evaluateAll((found) => found.map((meter) => meter.getAttribute('aria-label')!))
  return Object.fromEntries(labels.map((label) => label.split(': ') as [string, string]))
}

async function uploadImage(page: Page): Promise<void> {
  await goTo(page, 'Object storage')
  await button(page, 'Create container').first().click()
  const dialog = page.getByRole('dialog', { name: 'Create a container' })
  await dialog.getByLabel('Name').fill('images')
  await button(dialog, 'Create container').click()
  await page.getByRole('heading', { name: 'images' }).waitFor()
  await page.getByLabel('Files to upload').setInputFiles(image.imagePath)
  const uploads = page.getByRole('region', { name: 'Uploads' })
  await uploads.getByRole('progressbar', { name: 'Upload of mini.img' }).waitFor()
  await uploads.getByText('1 file uploaded').waitFor({ timeout: BUILD_MS })
  await button(page, 'Download mini.img')
    .or(page.getByRole('link', { name: 'Download mini.img' }))
    .waitFor()
}

async function registerImage(page: Page): Promise<void> {
  await button(page, 'What to do with mini.img').click()
  await page.getByRole('menuitem', { name: 'Register as image' }).click()
  const dialog = page.getByRole('dialog', { name: 'Register as image' })
  await dialog.getByLabel('Name', { exact: true }).fill('My mini')
  await button(dialog, 'Register image').click()
  await page.getByRole('heading', { name: 'My mini' }).waitFor()
}

/** Answers the password that is shown once. */
async function createServer(page: Page): Promise<string> {
  await button(page, 'Create server').click()
  await page.getByRole('radio', { name: 'My mini' }).check()
  await button(page, 'Next').click()
  await page.getByRole('radio', { name: '512 MiB' }).check()
  await button(page, 'Next').click()
  await page.getByLabel('Name', { exact: true }).fill('first')
  await button(page, 'Next').click()
  await button(page, 'Create server').click()
  const dialog = page.getByRole('dialog', { name: 'Your server is being created' })
  const password = await dialog.locator('code').innerText()
  await button(dialog, 'Go to the server').click()
  return password
}

/** The page finds out by itself. */
async function seeItRun(page: Page): Promise<void> {
  await page.getByText('Building', { exact: true }).first().waitFor()
  await stateShown(page, 'Running', BUILD_MS)
}

/** Waits for the state beside the name of the server. */
const stateShown = (page: Page, state: string, timeout: number) =>
  page.getByRole('main').locator('header').getByText(state, { exact: true }).waitFor({ timeout })

const IPV4 = /\d+\.\d+\.\d+\.\d+/

async function addressShown(page: Page): Promise<string> {
  const addresses = page.locator('code').filter({ hasText: new RegExp(`^${IPV4.source}$`) })
  return addresses.first().innerText()
}

async function seeScreen(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Graphical console' }).click()
  await page.getByRole('region', { name: 'Console' }).getByText('Connected').waitFor()
  const canvas = page.getByRole('region', { name: 'Console' }).locator('canvas')
  await until(async () => (await canvas.evaluate(coloursOf)) > 1, { everyMs: 500 })
}

/** What of a canvas is needed here; the tests' own types know no browser. */
interface Canvas {
  width: number
  height: number
  getContext(kind: '2d'): { getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray } }
}

/** Different pixel values. Runs in the page. */
function coloursOf(canvas: Canvas): number {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return new Set(new Uint32Array(data.buffer)).size
}

async function useGuest(page: Page, password: string, address: string): Promise<void> {
  await page.getByRole('tab', { name: 'Serial console' }).click()
  const console = page.getByRole('region', { name: 'Console' })
  await console.getByText('Connected').waitFor()
  const terminal: TextScreen = {
    text: async () => (await console.getByRole('listitem').allInnerTexts()).join('\n').trimEnd(),
    type: async (text) => {
      await console.getByRole('textbox').focus()
      await page.keyboard.type(text)
    },
  }
  await checkGuest(terminal, password, address)
}

/** What must be true inside of a new guest, whoever looks. */
async function checkGuest(screen: TextScreen, password: string, address: string): Promise<void> {
  const guest = await logIn(screen, 'root', password)
  await guest.run('until ip -4 addr show eth0 | grep -q inet; do sleep 0.2; done') // DHCP goes on while people log in
  expect(await guest.run('ip -4 addr show eth0')).toContain(`inet ${address}/`)
  await guest.run(`ping -c 1 -W 10 ${cloud.gateway}`)
}

async function pingFromHost(address: string): Promise<void> {
  await run('busybox', ['ping', '-c', '1', '-W', '10', address])
}

async function runOverSsh(address: string, key: string, command: string, onTestFinished: OnTestFinished): Promise<string> {
  const file = join(await temporaryFolder(onTestFinished), 'key')
  await writeFile(file, key, { mode: 0o600 })
  const stranger = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR']
  const { stdout } = await run('ssh', ['-i', file, '-o', 'BatchMode=yes', ...stranger, `root@${address}`, command])
  return stdout.trim()
}

async function shutDown(page: Page): Promise<void> {
  await button(page, 'Shut down').click()
  await stateShown(page, 'Stopped', PATIENCE_MS)
  await untilNoMachineRuns(cloud.home)
}

async function deleteServer(page: Page): Promise<void> {
  await button(page, 'More').click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await button(page.getByRole('dialog', { name: 'Delete “first”?' }), 'Delete server').click()
  await page.getByText('No servers yet').first().waitFor()
}

function mapValues<A, B>(values: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}
