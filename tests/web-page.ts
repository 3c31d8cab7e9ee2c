// The real page, for tests that act as a person in a browser.
import { buildWeb } from '@synnefo/app-web/build'
import { temporaryFolder } from '@synnefo/lib/testing'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** Builds the page before the tests of the file that calls this, and removes it after them. Answers where it will be. */
export function builtWebPage(): () => string {
  const endings: (() => void | Promise<void>)[] = []
  let folder: string
  beforeAll(async () => {
    folder = await temporaryFolder((work) => endings.push(work))
    await buildWeb(folder)
  })
  afterAll(async () => {
    for (const end of endings.reverse()) await end()
  })
  return () => folder
}

/** Fills in the form of the sign-in page that is shown. */
export async function signInAt(page: Page, { email, password }: { email: string; password: string }) {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}
