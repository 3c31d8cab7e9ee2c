// Other programs as a person meets them, in Chromium: one asks who he is, one shows a code, one gets a token of his choice.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from '@synnefo/lib/sql'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openWholeCloud } from './cloud.ts'
import { builtWebPage, signInAt } from './web-page.ts'
import { openBrowser } from './whole-cloud/browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }

const web = builtWebPage()

async function openCloud(onTestFinished: OnTestFinished) {
  const cloud = await openWholeCloud(onTestFinished, { web: web() })
  const alice = await cloud.person(LOGIN)
  const page = await (await openBrowser(onTestFinished)).newPage()
  return { ...cloud, alice, page }
}

test('a command line shows a code; the person signs in, agrees, and finds the token among his', async ({ onTestFinished }) => {
  const { url, page } = await openCloud(onTestFinished)
  const post = async (path: string, fields: Record<string, string>) =>
    (await fetch(`${url}/astakos/oauth2/${path}`, { method: 'POST', body: new URLSearchParams(fields) })).json() as Promise<
      Record<string, string>
    >
  const asked = await post('device_authorization', {
    client_id: 'kamaki',
    device_name: 'kamaki on laptop',
    scope: 'compute:read',
  })
  await page.goto(asked['verification_uri']!)
  await signInAt(page, LOGIN)
  await page.getByLabel('Code').fill(asked['user_code']!)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('kamaki on laptop').waitFor()
  await page.getByRole('button', { name: 'Agree' }).click()
  await page.getByRole('heading', { name: 'The device is signed in' }).waitFor()
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'kamaki' }
  const { access_token: token } = await post('token', { ...grant, device_code: asked['device_code']! })
  const servers = (method: string) =>
    fetch(`${url}/cyclades/compute/v2.0/servers`, { method, headers: { 'X-Auth-Token': token! } }).then(({ status }) => status)
  expect([await servers('GET'), await servers('POST')]).toEqual([200, 403])

  await page.goto(`${url}/access`)
  const row = page.getByRole('row', { name: /kamaki on laptop/ })
  await row.getByText('Read servers').waitFor()
})

test('a token is made on the page for what is chosen there', async ({ onTestFinished }) => {
  const { url, page } = await openCloud(onTestFinished)
  await page.goto(`${url}/access`)
  await signInAt(page, LOGIN)
  await page.getByRole('button', { name: 'Create token' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Create a token' })
  await dialog.getByLabel('Name').fill('backup')
  await dialog.getByLabel('Good for').click()
  await page.getByRole('option', { name: 'Only what you choose' }).click()
  await dialog.getByLabel('Only read, change nothing').click()
  for (const other of ['quotas and projects', 'servers', 'networks', 'images', 'volumes'])
    await dialog.getByLabel(`Use ${other}`).click()
  await dialog.getByLabel('Only this container').fill('backups')
  await dialog.getByRole('button', { name: 'Create token' }).click()
  await page.getByText('This is the only time').waitFor()
  await page.getByRole('button', { name: 'Done' }).click()
  await page
    .getByRole('row', { name: /backup/ })
    .getByText('Use object storage, container backups')
    .waitFor()
})

test('a token without limits is made after a fresh proof', async ({ onTestFinished }) => {
  const { url, services, page } = await openCloud(onTestFinished)
  await page.goto(`${url}/access`)
  await signInAt(page, LOGIN)
  await page.getByRole('button', { name: 'Create token' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Create a token' })
  await services.db.run(sql`UPDATE identity.sessions SET proven_at = now() - interval '1 hour'`)
  await dialog.getByLabel('Name').fill('laptop')
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const proof = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await proof.getByLabel('Password').fill(LOGIN.password)
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('This is the only time').waitFor()
})

test('signing in leads on to the program that asked, past the page', async ({ onTestFinished }) => {
  const { url, services, page, alice } = await openCloud(onTestFinished)
  const program = createServer((_request, response) => response.end('back at the program'))
  await new Promise<void>((done) => program.listen(0, '127.0.0.1', done))
  onTestFinished(() => void program.close())
  const back = `http://127.0.0.1:${(program.address() as AddressInfo).port}/back`
  await services.db.run(sql`INSERT INTO identity.oauth2_clients (identifier, type) VALUES ('app', 'public')`)
  await services.db.run(sql`
    INSERT INTO identity.oauth2_redirect_urls (client_id, url) SELECT id, ${back} FROM identity.oauth2_clients`)
  const challenge = 'x'.repeat(43)
  const asked = { response_type: 'code', client_id: 'app', code_challenge: challenge, code_challenge_method: 'S256' }
  await page.goto(`${url}/astakos/oauth2/auth?${new URLSearchParams(asked)}`)
  await signInAt(page, LOGIN)
  await page.getByRole('heading', { name: 'app asks who you are' }).waitFor()
  await page.getByText(alice.email).waitFor()
  await page.getByRole('button', { name: 'Agree' }).click()
  await page.getByText('back at the program').waitFor()
  expect(new URL(page.url()).searchParams.get('code')).toMatch(/^[A-Za-z0-9]{60}$/)
})
