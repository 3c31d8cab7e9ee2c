import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { argument, commandsFor, flag, many, openTerminal, option, runCommand, UsageError } from './index.ts'

function capture() {
  const out: string[] = []
  const err: string[] = []
  const sink = (to: string[]) =>
    new Writable({
      write: (chunk, _encoding, done) => {
        to.push(String(chunk))
        done()
      },
    })
  const terminal = openTerminal({ input: Readable.from([]), output: sink(out), errors: sink(err) })
  return { terminal, out: () => out.join(''), err: () => err.join('') }
}

const defineCommand = commandsFor<object>()
const seen: unknown[] = []
const commands = [
  defineCommand({
    name: 'token-add',
    summary: 'Make a token',
    input: {
      who: argument('id, e-mail or uuid'),
      days: option('days it lives', { read: readCount, aliases: ['expires'] }),
      force: flag('do not ask', { short: 'f' }),
    },
    run: async ({ terminal }, { who, days, force }) => {
      seen.push({ who, days, force })
      terminal.line('secret')
    },
  }),
  defineCommand({
    name: 'server-remove',
    summary: 'Delete servers',
    input: { ids: many('server ids', { read: readCount }) },
    run: async ({ terminal }, { ids }) => {
      for (const id of ids)
        await terminal.attempt(`Removing ${id}`, async () => {
          if (id === 2) throw new Error('it is busy')
        })
    },
  }),
]
function readCount(word: string): number {
  if (!/^\d+$/.test(word)) throw new UsageError(`'${word}' is not a number`)
  return Number(word)
}

async function run(...words: string[]) {
  const { terminal, out, err } = capture()
  const status = await runCommand({ program: 'snf-manage', commands, words, terminal, context: async () => ({}) })
  return { status, out: out(), err: err() }
}

test('values, flags and older spellings arrive typed', async () => {
  seen.length = 0
  expect(await run('token-add', 'alice', '--days', '3', '-f')).toMatchObject({ status: 0, out: 'secret\n' })
  await run('token-add', 'alice', '--expires', '4')
  expect(seen).toEqual([
    { who: 'alice', days: 3, force: true },
    { who: 'alice', days: 4, force: false },
  ])
})

test('wrong usage is told and answers 2', async () => {
  expect(await run('token-add', 'alice', '--days', 'x')).toMatchObject({
    status: 2,
    err: expect.stringContaining("'x' is not a number"),
  })
  expect(await run('token-ad')).toMatchObject({ status: 2, err: expect.stringContaining('token-add') })
  expect(await run('token-add')).toMatchObject({ status: 2, err: expect.stringContaining('who') })
})

test('one failure of many is told, the others go on, and the status is 1', async () => {
  const { status, out, err } = await run('server-remove', '1', '2', '3')
  expect({ status, out, err }).toEqual({
    status: 1,
    out: 'Removing 1: done\nRemoving 3: done\n',
    err: 'Removing 2: failed: it is busy\n',
  })
})

test('help lists every command with its summary', async () => {
  const { out } = await run('help')
  expect(out).toMatch(/token-add.*Make a token/)
  expect(out).toMatch(/server-remove.*Delete servers/)
})

test('a table is aligned, and the same rows come as JSON and CSV', () => {
  const rows = [
    { id: 9007199254740993n, name: 'a, b' },
    { id: 2, name: null },
  ]
  const fields = ['id', 'name']
  const pretty = capture()
  pretty.terminal.table(rows, { fields })
  expect(pretty.out()).toBe('id                name\n----------------------\n9007199254740993  a, b\n2                 -\n')
  const csv = capture()
  csv.terminal.table(rows, { fields, format: 'csv', headings: false })
  expect(csv.out()).toBe('9007199254740993,"a, b"\n2,-\n')
  const json = capture()
  json.terminal.table(rows, { fields, format: 'json' })
  expect(json.out()).toContain('"id": 9007199254740993')
})
