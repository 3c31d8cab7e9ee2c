import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSimulated } from '@synnefo/engine-queue'
import { type OnTestFinished, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { openTestCloud } from '../testing.ts'
import { commandLine } from './testing.ts'

async function openManage(onTestFinished: OnTestFinished) {
  const queue = openSimulated()
  const manage = commandLine(await openTestCloud(onTestFinished), { queue })
  return { queue, manage }
}

test('messages of a named queue wait, and are shown one on a line', async ({ onTestFinished }) => {
  const { queue, manage } = await openManage(onTestFinished)
  await queue.declare({ name: 'mine', exchange: 'pithos', keys: ['pithos.object'] })
  await queue.publish('pithos', [
    { key: 'pithos.object', body: { value: 'a/b/c' } },
    { key: 'pithos.sharing', body: 'not asked for' },
    { key: 'pithos.object', body: { value: 'a/b/d' } },
    { key: 'pithos.object', body: 'stays' },
  ])
  const { status, out } = await manage('queue-consume --queue mine --key pithos.object --messages 2')
  expect(status).toBe(0)
  expect(out).toBe('{"key":"pithos.object","body":{"value":"a/b/c"}}\n{"key":"pithos.object","body":{"value":"a/b/d"}}\n')
  expect(await queue.purge('mine')).toBe(1)
})

test('a program is handed each message; one that fails leaves it to the dead letters', async ({ onTestFinished }) => {
  const { queue, manage } = await openManage(onTestFinished)
  const file = join(await temporaryFolder(onTestFinished), 'got')
  await queue.declare({ name: 'mine', exchange: 'pithos', keys: ['#'] })
  for (const body of ['good', 'bad']) await queue.publish('pithos', [{ key: 'k', body }])
  const { err } = await manage(`queue-consume --queue mine --messages 2 --callback 'tee -a ${file} | grep -q good'`)
  expect(await readFile(file, 'utf8')).toBe('{"key":"k","body":"good"}\n{"key":"k","body":"bad"}\n')
  expect(err).toContain('the program ended with 1: {"key":"k","body":"bad"}')
  expect(await queue.purge('mine-dl')).toBe(1)
})

test('a message for trying out is published', async ({ onTestFinished }) => {
  const { queue, manage } = await openManage(onTestFinished)
  await queue.declare({ name: 'mine', exchange: 'other', keys: ['pithos.*'] })
  expect((await manage('queue-consume --test --exchange other --key pithos.object')).status).toBe(0)
  expect((await manage('queue-consume --queue mine --exchange other --messages 1')).out).toBe(
    '{"key":"pithos.object","body":{"test":"0123456789"}}\n',
  )
  expect((await manage('queue-consume --messages none')).status).toBe(2)
})
