import { once } from 'node:events'
import websocket from '@fastify/websocket'
import { deactivateUser, type Identity, migrations, sessionGateway } from '@synnefo/identity'
import { createTestUser, openTestIdentity } from '@synnefo/identity/testing'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { type OnTestFinished, openTestDatabase, until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { liveUpdates } from './live.ts'

async function openLive(onTestFinished: OnTestFinished) {
  const identity = await openTestIdentity(onTestFinished, await openTestDatabase(onTestFinished, [migrations]))
  const app = openHttp({ log: silentLog })
  await app.register(websocket)
  await app.register(sessionGateway, { identity })
  await app.register(liveUpdates, { identity })
  onTestFinished(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  /** A page of this person, and the topics it has heard of. */
  async function open(token: string, headers: Record<string, string> = {}) {
    const topics: string[] = []
    const options = { headers: { 'X-Auth-Token': token, ...headers } } as unknown as string[]
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ui/live`, options)
    socket.onmessage = ({ data }) => topics.push((JSON.parse(String(data)) as { topic: string }).topic)
    const [event] = (await Promise.race([once(socket, 'open'), once(socket, 'close')])) as [Event]
    return { socket, topics, isOpen: event.type === 'open' }
  }
  return { identity, open }
}

const announce = ({ db }: Identity, topic: string, ...userIds: string[]) =>
  db.transaction(async (tx) => tx.announces(topic, ...userIds))

test('a page hears what concerns its person, and what concerns everybody', async ({ onTestFinished }) => {
  const { identity, open } = await openLive(onTestFinished)
  const [alice, bob] = [await createTestUser(identity), await createTestUser(identity)]
  const [hers, his] = [await open(alice.token), await open(bob.token)]
  await announce(identity, 'servers', alice.uuid)
  await announce(identity, 'images')
  await until(() => hers.topics.includes('images') && his.topics.includes('images'))
  expect(hers.topics).toContain('servers')
  expect(his.topics).not.toContain('servers')
})

test('nobody listens without a token, or from a page of another site', async ({ onTestFinished }) => {
  const { identity, open } = await openLive(onTestFinished)
  const { token } = await createTestUser(identity)
  expect((await open('no token')).isOpen).toBe(false)
  expect((await open(token, { Origin: 'http://elsewhere.test' })).isOpen).toBe(false)
  expect((await open(token)).isOpen).toBe(true)
})

test('a page whose person may no longer come in is closed', async ({ onTestFinished }) => {
  const { identity, open } = await openLive(onTestFinished)
  const { id, token } = await createTestUser(identity)
  const { socket } = await open(token)
  const closed = once(socket, 'close')
  await identity.db.transaction((tx) => deactivateUser(identity, tx, id, 'left'))
  const [event] = (await closed) as [CloseEvent]
  expect(event.code).toBe(4001)
})
