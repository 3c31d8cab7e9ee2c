// The client against the service itself, over a real connection.

import { ApiError, connect } from '@synnefo/clients/http'
import { openIdentity, type SecondStep, type SignedIn } from '@synnefo/clients/identity'
import { openServices } from '@synnefo/clients/services'
import { openSimulated } from '@synnefo/engine-mail'
import { migrations, sessionGateway } from '@synnefo/identity'
import { identityRoutes } from '@synnefo/identity/routes'
import { identityTasks } from '@synnefo/identity/tasks'
import { createTestUser, openTestIdentity } from '@synnefo/identity/testing'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { openTasks } from '@synnefo/lib/tasks'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { connectPage } from './page-connection.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const service = await openTestIdentity(finished, db)
  const mailer = openSimulated()
  const app = openHttp({ log: silentLog })
  finished(() => app.close())
  await app.register(sessionGateway, { identity: service })
  await app.register(identityRoutes, { identity: service, mailer })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  return { service, mailer, baseUrl, tasks: openTasks(db, silentLog, identityTasks, { identity: service, mailer }) }
}

function openPage(baseUrl: string) {
  const { cloud, keepCsrfToken } = connectPage(baseUrl)
  const keep = (answer: SignedIn | SecondStep) => {
    if ('csrfToken' in answer) keepCsrfToken(answer.csrfToken)
  }
  return { client: openIdentity(cloud), keep }
}

test('a person signs up, activates, looks after tokens and signs out', async ({ onTestFinished }) => {
  const { baseUrl, mailer, tasks } = await openCloud(onTestFinished)
  const { client, keep } = openPage(baseUrl)
  const person = { email: 'alice@example.test', firstName: 'Alice', lastName: 'Liddell', password: 'down the rabbit hole' }
  expect(await client.signUp(person)).toEqual({ state: 'verification' })
  await tasks.settle()
  const code = /auth=([^&]+)/.exec(mailer.sent[0]!.text)![1]!
  expect((await client.activate(code)).state).toBe('active')
  const session = await client.session()
  keep(session)
  expect(session).toMatchObject({
    user: { email: person.email, roles: ['default'] },
    cloud: { name: 'Synnefo', storageFull: false },
  })

  const laptop = await client.createToken('laptop')
  expect((await client.listTokens()).map(({ name, classic }) => [name, classic])).toEqual([
    ['classic', true],
    ['laptop', false],
  ])
  const direct = openIdentity(connect({ baseUrl, token: laptop.token }))
  expect((await direct.quotas())[session.user.uuid]!['cyclades.vm']).toMatchObject({ limit: 4n, usage: 0n })
  const backup = await client.createToken('backup', { scopes: ['object-store/backups'] })
  expect((await client.listTokens()).at(-1)).toMatchObject({ name: 'backup', scopes: ['object-store/backups'], lastUsedAt: null })
  await expect(openIdentity(connect({ baseUrl, token: backup.token })).quotas()).rejects.toMatchObject({ status: 403 })
  expect([await client.goOn('/servers'), await client.goOn('https://evil.example/'), await client.goOn(null)]).toEqual([
    '/servers',
    '/',
    '/',
  ])
  await client.revokeToken(laptop.id)
  await expect(direct.quotas()).rejects.toMatchObject({ status: 401, kind: 'unauthorized' })
  const { token } = await client.classicToken()
  expect((await client.renewClassicToken()).token).not.toBe(token)

  await client.signOut()
  await expect(client.session()).rejects.toMatchObject({ status: 401 })
  keep(await client.signIn(person.email, person.password))
  expect((await client.session()).user).toEqual(session.user)
  expect(await client.resendActivation(person.email)).toEqual({ state: 'verification' })
})

test('the catalogue is there before signing in, and mails are there for administrators', async ({ onTestFinished }) => {
  const { service, baseUrl, mailer } = await openCloud(onTestFinished)
  const { client, keep } = openPage(baseUrl)
  expect((await client.catalog()).map(({ type }) => type)).toContain('object-store')
  await createTestUser(service, { email: 'admin@example.test', password: 'a long sentence', roles: ['admin'] })
  keep(await client.signIn('admin@example.test', 'a long sentence'))
  await mailer.send({
    id: 'one',
    from: 'a@cloud.test',
    to: 'b@cloud.test',
    subject: 'Hello',
    text: 'Good day',
    date: new Date(0),
  })
  const mail = { id: 'one', from: 'a@cloud.test', to: 'b@cloud.test', subject: 'Hello', sentAt: '1970-01-01T00:00:00.000Z' }
  expect(await client.listMails()).toEqual({ kept: true, mails: [mail] })
  expect(await client.showMail('one')).toEqual({ ...mail, text: 'Good day' })
})

test('a refusal says in words what is wrong', async ({ onTestFinished }) => {
  const { baseUrl } = await openCloud(onTestFinished)
  const { client } = openPage(baseUrl)
  const refused = await client.signIn('nobody@example.test', 'wrong').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ApiError)
  expect(refused).toMatchObject({ status: 401, kind: 'unauthorized', message: 'The e-mail address or the password is wrong.' })
})

test('a page asks what there is to show of the cloud', async ({ onTestFinished }) => {
  const { baseUrl, service } = await openCloud(onTestFinished)
  await createTestUser(service)
  const services = openServices(connect({ baseUrl }))
  expect((await services.list()).map(({ name, order }) => [name, order])).toEqual([
    ['astakos', 1],
    ['pithos', 2],
    ['cyclades', 3],
  ])
  expect(await services.menu()).toEqual([{ url: 'http://cloud.test/astakos/ui/', name: 'Sign in' }])
  const { groups, resources } = await services.resources()
  expect(groups.map(({ name }) => name)).toEqual(['storage', 'compute', 'network', 'accounts'])
  expect(resources[0]).toMatchObject({ name: 'pithos.diskspace', unit: 'bytes', report_desc: 'File Storage Space' })
  expect(await services.people()).toEqual({ total: 1, active: 1 })
})
