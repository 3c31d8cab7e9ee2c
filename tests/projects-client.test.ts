// The client of projects against the service itself, over a real connection, as pages use it.

import { openIdentity } from '@synnefo/clients/identity'
import { openProjects } from '@synnefo/clients/projects'
import { openSimulated } from '@synnefo/engine-mail'
import { migrations, sessionGateway } from '@synnefo/identity'
import { identityRoutes } from '@synnefo/identity/routes'
import { createTestUser, openTestIdentity, type TestUser } from '@synnefo/identity/testing'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { connectPage } from './page-connection.ts'

const PASSWORD = 'down the rabbit hole'

async function openCloud(finished: typeof onTestFinished) {
  const admins: string[] = []
  const db = await openTestDatabase(finished, [migrations])
  const service = await openTestIdentity(finished, db, { settings: { ASTAKOS_PROJECT_ADMINS: admins } })
  const app = openHttp({ log: silentLog })
  finished(() => app.close())
  await app.register(sessionGateway, { identity: service })
  await app.register(identityRoutes, { identity: service, mailer: openSimulated() })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const person = () => createTestUser(service, { password: PASSWORD })
  const [root, owner, member] = [await person(), await person(), await person()]
  admins.push(root.uuid)

  async function page(user: TestUser) {
    const { cloud, keepCsrfToken } = connectPage(baseUrl)
    const identity = openIdentity(cloud)
    await identity.signIn(user.email, PASSWORD)
    keepCsrfToken((await identity.session()).csrfToken)
    return openProjects(cloud)
  }
  return { root, owner, member, page }
}

test('a project lives from the form to its end', async ({ onTestFinished }) => {
  const { root, owner, member, page } = await openCloud(onTestFinished)
  const [admins, owners, members] = [await page(root), await page(owner), await page(member)]
  expect(await owners.form()).toMatchObject({ canApply: true, isProjectAdmin: false })
  const form = {
    name: 'cats.example.org',
    end_date: '2100-01-01T00:00:00Z',
    max_members: 2,
    resources: { 'cyclades.vm': { member_capacity: 1, project_capacity: 4 } },
  }
  expect((await owners.summary(form)).resources).toMatchObject([{ resource: 'cyclades.vm', project: { old: null, new: 4 } }])
  const { id, application } = await owners.apply(form)
  expect((await admins.application(application)).actions).toContain('approve')
  await admins.decide(id, 'approve', application)

  expect((await members.list({ scope: 'search', q: 'CATS', sort: '-ends' })).projects.map((each) => each.id)).toEqual([id])
  const { id: membership } = await members.join(id)
  expect(await owners.members(id, { state: 'pending' })).toMatchObject({ counts: { approved: 0, pending: 1 } })
  expect(await owners.actOnMembers(id, 'accept', [membership])).toEqual([{ member: String(membership), done: true }])
  await expect(owners.addMembers(id, 'nobody@example.test')).rejects.toMatchObject({ status: 409 })
  expect(await owners.addMembers(id, root.email)).toEqual([{ member: root.email, done: true }])
  expect(await members.show(id)).toMatchObject({ membership: { state: 'accepted' }, actions: ['leave'] })
  expect(await members.actOnMembership(membership, 'leave')).toMatchObject({ state: 'removed' })

  const change = await owners.modify(id, { description: 'cats' })
  await admins.decide(id, 'deny', change.application, 'no')
  expect(await owners.show(id)).toMatchObject({ lastApplication: { id: change.application, state: 'denied' } })
  await admins.act(id, 'terminate', 'over')
  expect((await owners.list()).projects.find((each) => each.id === id)).toMatchObject({ status: 'Terminated' })
})
