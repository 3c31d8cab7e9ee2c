// Where mailed links lead and what stands before everything else, in Chromium at the real page: signing up with work
// that the browser does, a forgotten password, another address, terms of service, a word to the operator.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from '@synnefo/lib/sql'
import { type OnTestFinished, temporaryFolder } from '@synnefo/lib/testing'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openWholeCloud, type WholeCloudOptions } from './cloud.ts'
import { builtWebPage, signInAt } from './web-page.ts'
import { openBrowser } from './whole-cloud/browser.ts'

const PASSWORD = 'down the rabbit hole'
const NEW_PASSWORD = 'through the looking glass'

const web = builtWebPage()

async function openCloud(onTestFinished: OnTestFinished, chosen: WholeCloudOptions['chosen'] = {}) {
  const cloud = await openWholeCloud(onTestFinished, { web: web(), chosen })
  const { db } = cloud.services
  const page = await (await openBrowser(onTestFinished)).newPage()
  /** The first address in the newest mail to somebody. */
  const mailedLink = async (recipient: string) => {
    const mail = await db.one<{ body: string }>(
      sql`SELECT body FROM identity.mails WHERE recipient = ${recipient} ORDER BY id DESC LIMIT 1`,
    )
    return /^http\S+$/m.exec(mail.body)![0]
  }
  return { ...cloud, db, page, mailedLink }
}

/** A call of the page that has no form yet. */
async function post(page: Page, url: string, path: string, data: object): Promise<number> {
  const session = await page.request.get(`${url}/astakos/ui/api/session`)
  const { csrfToken } = (await session.json()) as { csrfToken: string }
  return (await page.request.post(`${url}/astakos/ui/api/${path}`, { data, headers: { 'X-CSRF-Token': csrfToken } })).status()
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

test('a person signs up with work that the browser does, and later replaces a forgotten password', async ({ onTestFinished }) => {
  const { url, page, mailedLink } = await openCloud(onTestFinished)
  await page.goto(`${url}/signup`)
  await page.getByLabel('First name').fill('Ada')
  await page.getByLabel('Last name').fill('Byron')
  await page.getByLabel('Email').fill('ada@example.test')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await heading(page, 'Check your mail')
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('a new mail is on its way').waitFor()
  await page.goto(await mailedLink('ada@example.test'))
  await page.waitForURL(`${url}/`)

  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await heading(page, 'Forgot your password?')
  await page.getByLabel('Email').fill('ada@example.test')
  await page.getByRole('button', { name: 'Send the mail' }).click()
  await heading(page, 'Check your mail')
  const link = await mailedLink('ada@example.test')
  await page.goto(link)
  await page.getByLabel('New password').fill(NEW_PASSWORD)
  await page.getByLabel('The same again').fill('something else')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('The two are not the same').waitFor()
  await page.getByLabel('The same again').fill(NEW_PASSWORD)
  await page.getByRole('button', { name: 'Change password' }).click()
  await heading(page, 'Your password is changed')
  await page.goto(link)
  await heading(page, 'This link does not work')
  await page.goto(`${url}/signin`)
  await signInAt(page, { email: 'ada@example.test', password: NEW_PASSWORD })
  await page.waitForURL(`${url}/`)
})

test('who has not signed the newest terms does that first, and then arrives where he was going', async ({ onTestFinished }) => {
  const { url, db, page, person, services } = await openCloud(onTestFinished)
  const { email } = await person({ email: 'ada@example.test', password: PASSWORD })
  const file = join(await temporaryFolder(onTestFinished), 'terms.html')
  await writeFile(file, '<h2>Be kind</h2><script>document.title = "run"</script>')
  await page.goto(`${url}/signin?next=%2Faccess`)
  await db.run(sql`INSERT INTO identity.terms (location) VALUES (${file})`)
  await db.run(sql`UPDATE identity.users SET has_signed_terms = false`)
  services.identity.authenticator.forget([])
  await signInAt(page, { email, password: PASSWORD })
  await page.getByRole('heading', { name: 'Be kind' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/terms')
  expect(await page.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true)
  await page.getByLabel('I agree to the terms of service').check()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.waitForURL(`${url}/access`)
  await page.goto(`${url}/astakos/ui/approval_terms/1`)
  await page.getByRole('heading', { name: 'Be kind' }).waitFor()
  expect(await page.title()).not.toBe('run')
})

test('another address is confirmed by following its link', async ({ onTestFinished }) => {
  const { url, db, page, person, mailedLink } = await openCloud(onTestFinished, { ASTAKOS_EMAILCHANGE_ENABLED: true })
  const ada = await person({ email: 'ada@example.test', password: PASSWORD })
  await page.goto(`${url}/signin`)
  await signInAt(page, { email: ada.email, password: PASSWORD })
  await page.waitForURL(`${url}/`)
  expect(await post(page, url, 'profile', { email: 'countess@example.test' })).toBe(200)
  await page.goto(await mailedLink('countess@example.test'))
  await heading(page, 'Your address is changed')
  expect(await db.one(sql`SELECT email FROM identity.users WHERE id = ${ada.id}`)).toEqual({ email: 'countess@example.test' })
  await page.reload()
  await heading(page, 'This link does not work')
})

test('a visitor writes to the operator, and an invitation fills in the form', async ({ onTestFinished }) => {
  const { url, db, page, person, mailedLink } = await openCloud(onTestFinished, { ASTAKOS_INVITATIONS_ENABLED: true })
  const admin = await person({ roles: ['admin'], password: PASSWORD })
  await page.goto(`${url}/astakos/ui/feedback`)
  await page.getByLabel('Email').fill('visitor@example.test')
  await page.getByLabel('Message').fill('It is a fine cloud')
  await page.getByRole('button', { name: 'Send' }).click()
  await heading(page, 'Thank you')
  const mail = await db.one<{ body: string }>(sql`SELECT body FROM identity.mails WHERE recipient = ${admin.email}`)
  expect(mail.body).toContain('It is a fine cloud\n\nSent by: visitor@example.test')

  await db.run(sql`UPDATE identity.users SET invitations = 1 WHERE id = ${admin.id}`)
  await page.goto(`${url}/signin`)
  await signInAt(page, { email: admin.email, password: PASSWORD })
  await page.waitForURL(`${url}/`)
  expect(await post(page, url, 'invitations', { email: 'guest@example.test', realname: 'A Guest' })).toBe(201)
  await page.context().clearCookies()
  await page.goto(await mailedLink('guest@example.test'))
  await expect.poll(() => page.getByLabel('Email').inputValue()).toBe('guest@example.test')
})
