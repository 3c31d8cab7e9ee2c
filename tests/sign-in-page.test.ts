// Passkeys, codes and sessions as a person meets them: in Chromium, with a virtual authenticator, at the real page.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOf, wrongCodeOf } from '@synnefo/identity/testing'
import { sql } from '@synnefo/lib/sql'
import type { OnTestFinished } from '@synnefo/lib/testing'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openWholeCloud } from './cloud.ts'
import { builtWebPage, signInAt } from './web-page.ts'
import { openBrowser } from './whole-cloud/browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }

const web = builtWebPage()

/** Alice has an account at a cloud called localhost, and a browser whose device keeps passkeys. */
async function openCloud(onTestFinished: OnTestFinished) {
  const cloud = await openWholeCloud(onTestFinished, { web: web(), hostName: 'localhost' })
  await cloud.person(LOGIN)
  const browser = await openBrowser(onTestFinished)
  const page = await browser.newPage()
  const device = await addAuthenticator(browser, page)
  return { ...cloud, browser, page, device }
}

async function addAuthenticator(browser: BrowserContext, page: Page) {
  const devtools: CDPSession = await browser.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    /** Whether the owner shows that it is him. */
    verify: (isUserVerified: boolean) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

/** The virtual device answers offers by itself: for what is about the button, the browser makes none. */
const withoutOffers = (page: Page) =>
  page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')

async function typePassword(page: Page, url: string) {
  await page.goto(`${url}/signin`)
  await signInAt(page, LOGIN)
}

const untilHome = (page: Page, url: string) => page.waitForURL(`${url}/`)

async function signOut(page: Page, url: string) {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL(`${url}/signin`)
}

/** The recovery codes that are shown with the first factor. */
async function keepCodes(page: Page) {
  const shown = page.getByRole('dialog', { name: 'Your recovery codes' })
  await shown.getByRole('listitem').first().waitFor()
  const codes = await shown.getByRole('listitem').allTextContents()
  await shown.getByRole('button', { name: 'I kept them' }).click()
  return codes
}

/** Answers the recovery codes. */
async function addPasskey(page: Page, url: string, name: string) {
  await page.goto(`${url}/security`)
  await page.getByRole('button', { name: 'Add passkey' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' })
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Add passkey' }).click()
  const codes = await keepCodes(page)
  await page.getByRole('cell', { name }).or(page.getByRole('rowheader', { name })).first().waitFor()
  return codes
}

test('a passkey is made, signs in without a password, and is removed', async ({ onTestFinished }) => {
  const { url, page, device } = await openCloud(onTestFinished)
  await withoutOffers(page)
  await typePassword(page, url)
  await untilHome(page, url)
  expect(await addPasskey(page, url, 'my laptop')).toHaveLength(10)
  expect(await device.credentials()).toMatchObject([{ isResidentCredential: true, rpId: 'localhost', userName: LOGIN.email }])
  await signOut(page, url)

  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await untilHome(page, url)
  await page.goto(`${url}/security`)
  await page.getByText('This one').waitFor()

  await page.getByRole('button', { name: 'Remove my laptop' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('No passkeys').waitFor()
  await signOut(page, url)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('This passkey is not known here').waitFor()
})

test('the browser offers the passkey at the name field', async ({ onTestFinished }) => {
  const { url, page } = await openCloud(onTestFinished)
  await typePassword(page, url)
  await untilHome(page, url)
  await addPasskey(page, url, 'my laptop')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  // Nothing is clicked: the virtual owner takes the offer by himself.
  await untilHome(page, url)
})

test('a passkey is refused at a page of another origin, and without its owner', async ({ onTestFinished }) => {
  const { url, page, device } = await openCloud(onTestFinished)
  await withoutOffers(page)
  await typePassword(page, url)
  await untilHome(page, url)
  await addPasskey(page, url, 'my laptop')
  await signOut(page, url)

  // Somebody passes our pages and calls on, under an address of his own.
  const impostor = await openRelay(url, onTestFinished)
  await page.goto(`${impostor}/signin`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('This passkey is not known here, or was not accepted').waitFor()

  await page.goto(`${url}/signin`)
  await device.verify(false)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('No passkey was shown').waitFor()
  await device.verify(true)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await untilHome(page, url)
})

async function openRelay(target: string, onTestFinished: OnTestFinished): Promise<string> {
  const relay = createServer((incoming, answer) => {
    const passedOn = request(
      `${target}${incoming.url}`,
      { method: incoming.method, headers: { ...incoming.headers, host: new URL(target).host } },
      (answered) => {
        answer.writeHead(answered.statusCode!, answered.headers)
        answered.pipe(answer)
      },
    )
    passedOn.on('error', () => answer.destroy())
    incoming.pipe(passedOn)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    relay.closeAllConnections()
    relay.close()
  })
  return `http://localhost:${(relay.address() as AddressInfo).port}`
}

test('the second step takes a code, a recovery code, or a passkey; changes ask for a fresh proof', async ({ onTestFinished }) => {
  const { url, page, services } = await openCloud(onTestFinished)
  await withoutOffers(page)
  await typePassword(page, url)
  await untilHome(page, url)
  await page.goto(`${url}/security`)
  await page.getByRole('button', { name: 'Set up' }).click()
  const setUp = page.getByRole('dialog', { name: 'Set up an authenticator app' })
  const secret = (await setUp.locator('code').first().textContent())!
  await setUp.getByLabel('Code').fill(codeOf(secret))
  await setUp.getByRole('button', { name: 'Confirm' }).click()
  const codes = await keepCodes(page)
  await page.getByText('In use since').waitFor()

  await signOut(page, url)
  await typePassword(page, url)
  await page.getByLabel('Code').fill(wrongCodeOf(secret))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('That is not right').waitFor()
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(codes[0]!)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await untilHome(page, url)

  await services.db.run(sql`UPDATE identity.sessions SET proven_at = now() - interval '1 hour'`)
  await page.goto(`${url}/security`)
  await page.getByText('9 of them work still').waitFor()
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog', { name: 'Remove the authenticator app?' }).getByRole('button', { name: 'Remove' }).click()
  const proof = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await proof.getByLabel('Code of the authenticator app').fill(wrongCodeOf(secret))
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await proof.getByText('That is not right').waitFor()
  expect(await proof.getByRole('button', { name: 'Password' }).count()).toBe(0)
  await proof.getByRole('button', { name: 'Recovery code' }).click()
  await proof.getByLabel('Recovery code').fill(codes[1]!)
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('Not set up').waitFor()

  await addPasskey(page, url, 'my laptop')
  await signOut(page, url)
  await typePassword(page, url)
  await page.getByRole('button', { name: 'Use passkey' }).click()
  await untilHome(page, url)
})
