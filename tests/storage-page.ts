// A person with files at the real page, and what tests of those pages do again and again.
import { connect } from '@synnefo/clients/http'
import { openProjects } from '@synnefo/clients/projects'
import type { OnTestFinished } from '@synnefo/lib/testing'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openWholeCloud } from './cloud.ts'
import { openBrowser } from './whole-cloud/browser.ts'

const LOGIN = { email: 'alice@example.test', password: 'down the rabbit hole' }
export const BOB = 'bob@example.test'

/** Each is a walk of many steps. */
export const TIMEOUT = 300_000

/** Alice, signed in at a page, and Bob. */
export async function openStoragePage(onTestFinished: OnTestFinished, web: string) {
  const projectAdmins: string[] = []
  const cloud = await openWholeCloud(onTestFinished, { web, chosen: { ASTAKOS_PROJECT_ADMINS: projectAdmins } })
  const alice = await cloud.person(LOGIN)
  const bob = await cloud.person({ ...LOGIN, email: BOB })
  const send = (method: string, path: string, body?: string, { token = alice.token, ...headers }: Record<string, string> = {}) =>
    fetch(`${cloud.url}/pithos/object-store/v1/${alice.uuid}/${path}`, {
      method,
      headers: { 'X-Auth-Token': token, 'Content-Type': 'text/plain', ...headers },
      ...(body === undefined ? {} : { body }),
    })
  const read = async (path: string, token = alice.token) => {
    const answer = await send('GET', path, undefined, { token })
    return answer.ok ? answer.text() : answer.status
  }
  expect((await send('PUT', 'files')).status).toBe(201)
  const browser = await openBrowser(onTestFinished)
  await browser.request.post(`${cloud.url}/astakos/ui/api/login`, { data: LOGIN })
  const page = await browser.newPage()
  /** A project with room for files, of which Alice is a member. Answers its id. */
  async function project(name: string): Promise<string> {
    projectAdmins.push(alice.uuid)
    const projects = openProjects(connect({ baseUrl: cloud.url, token: alice.token }))
    const { id, application } = await projects.apply({
      name,
      end_date: '2099-01-01T00:00:00+00:00',
      join_policy: 'auto',
      max_members: 2,
      resources: { 'pithos.diskspace': { member_capacity: 1_000_000, project_capacity: 1_000_000 } },
    })
    await projects.decide(id, 'approve', application)
    await projects.join(id)
    return id
  }
  return { ...cloud, alice, bob, send, read, page, project }
}

/** A page of somebody else's browser. */
export async function signedIn(onTestFinished: OnTestFinished, url: string, email: string): Promise<Page> {
  const browser = await openBrowser(onTestFinished)
  await browser.request.post(`${url}/astakos/ui/api/login`, { data: { ...LOGIN, email } })
  return browser.newPage()
}

export async function choose(page: Page, item: string, action: string) {
  await page.getByRole('button', { name: `What to do with ${item}` }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

/** Chooses in a list that opens, the first of this name. */
export async function pick(within: Locator, label: string | RegExp, option: string) {
  await within.getByRole('button', { name: label }).click()
  await within.page().getByRole('option', { name: option, exact: true }).click()
}
