import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openFiles } from '@synnefo/engine-blocks'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { type OnTestFinished, PATIENCE_MS, temporaryFolder } from '@synnefo/lib/testing'
import { openTestCloud } from '@synnefo/object-store/testing'
import { expect, test } from 'vitest'
import { serveHealth } from './health.ts'

async function openHealth(onTestFinished: OnTestFinished) {
  const folder = await temporaryFolder(onTestFinished)
  const { db, store } = await openTestCloud(onTestFinished, { blocks: await openFiles({ folder }) })
  /** Another process over the same parts, some of which may be broken. */
  async function ask(path: string, broken: { db?: typeof db; blocks?: typeof store.blocks } = {}, patience = PATIENCE_MS) {
    const app = openHttp({ log: silentLog })
    const objectStore = { ...store, blocks: broken.blocks ?? store.blocks }
    serveHealth(app, { db: broken.db ?? db, objectStore }, silentLog, patience)
    const answer = await app.inject(path)
    return { status: answer.statusCode, body: answer.json() }
  }
  return { ask, folder, db, store }
}

test('a cloud whose parts work lives and is ready', async ({ onTestFinished }) => {
  const { ask } = await openHealth(onTestFinished)
  expect(await ask('/health')).toEqual({ status: 200, body: { status: 'ok' } })
  expect(await ask('/health/live')).toEqual({ status: 200, body: { status: 'ok' } })
  const parts = { database: 'ok', blocks: 'ok', identity: 'ok' }
  expect(await ask('/health/ready')).toEqual({ status: 200, body: { status: 'ok', ...parts, damagedBlocks: 0 } })
})

test('blocks that cannot be stored are noticed, and said without a word about why', async ({ onTestFinished }) => {
  const { ask, folder } = await openHealth(onTestFinished)
  await rm(join(folder, 'incoming'), { recursive: true })
  const body = { status: 'failed', database: 'ok', blocks: 'failed', identity: 'ok', damagedBlocks: 0 }
  expect(await ask('/health/ready')).toEqual({ status: 503, body })
  expect((await ask('/health/live')).status).toBe(200)
})

test('a part that does not answer fails, and so does one that is gone', async ({ onTestFinished }) => {
  const { ask, db, store } = await openHealth(onTestFinished)
  const silent = { ...store.blocks, probe: () => new Promise<void>(() => {}) }
  const answer = async () => (await ask('/health/ready', { blocks: silent }, 200)).body
  await expect.poll(answer).toMatchObject({ blocks: 'failed', database: 'ok' }) // which may need longer once
  const gone = {
    ...db,
    one: async () => {
      throw new Error('gone')
    },
    any: async () => {
      throw new Error('gone')
    },
  }
  expect(await ask('/health/ready', { db: gone })).toMatchObject({
    status: 503,
    body: { database: 'failed', identity: 'failed', blocks: 'ok' },
  })
})

test('damaged blocks are counted and keep nobody from serving', async ({ onTestFinished }) => {
  const { ask, db } = await openHealth(onTestFinished)
  for (const hash of ['aa', 'bb'])
    await db.run(sql`INSERT INTO object_store.damaged_blocks (hash, problem) VALUES (decode(${hash}, 'hex'), 'missing')`)
  expect(await ask('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok', damagedBlocks: 2 } })
})
