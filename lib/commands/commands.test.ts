import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { type Sql, sql } from '../sql/index.ts'
import { formatRecord, formatTable } from './format.ts'
import {
  argument,
  commandsFor,
  defineListing,
  flag,
  many,
  openTerminal,
  option,
  repeated,
  runCommand,
  UsageError,
} from './index.ts'

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

test('a table is aligned to the right, and the same rows come as JSON and CSV', () => {
  const rows = [
    { id: 9007199254740993n, name: 'a, b', on: true },
    { id: 2, name: null, on: false },
  ]
  const fields = ['id', 'name', 'on']
  expect(formatTable(rows, { fields })).toEqual([
    '              id  name     on',
    '-----------------------------',
    '9007199254740993  a, b   True',
    '               2  None  False',
  ])
  expect(formatTable(rows, { fields, format: 'csv', headings: false })).toEqual(['9007199254740993,"a, b",True', '2,None,False'])
  expect(JSON.parse(formatTable(rows, { fields, format: 'json' }).join('\n'))).toEqual([
    { id: '9007199254740993', name: 'a, b', on: 'True' },
    { id: '2', name: 'None', on: 'False' },
  ])
  expect(formatTable([{ name: 'a\u001b[2J\n' }], { fields: ['name'], headings: false })).toEqual(['a\\x1b[2J\\x0a'])
})

test('a record has a line per field', () => {
  expect(formatRecord({ id: 1, 'first name': 'Alice' })).toEqual(['id        : 1', 'first name: Alice'])
  expect(formatRecord({ id: 1 }, 'json')).toEqual(['[\n    {\n        "id": "1"\n    }\n]'])
})

const things = defineListing<{ id: number; name: string; secret: string }>(
  {
    id: { help: 'its number', cell: ({ id }) => id, shown: true },
    name: { help: 'its name', cell: ({ name }) => name, shown: true },
    secret: { help: 'what nobody sees', cell: ({ secret }) => secret },
  },
  {
    id: { help: 'its number', column: sql`t.id`, type: 'number' },
    name: { help: 'its name', column: sql`t.name`, type: 'text' },
    on: { help: 'whether it is on', column: sql`t.is_on`, type: 'boolean' },
  },
)
const asked: Sql[] = []
const thingList = defineCommand({
  name: 'thing-list',
  summary: 'Show things',
  input: { ...things.input, tags: repeated('only these', { short: 't' }) },
  run: ({ terminal }, input) =>
    things.show(terminal, input, async (condition) => {
      asked.push(condition)
      return [{ id: 1, name: input.tags.join('+') || 'one', secret: 's' }]
    }),
})

async function list(...words: string[]) {
  asked.length = 0
  const { terminal, out, err } = capture()
  const status = await runCommand({
    program: 'snf-manage',
    commands: [thingList],
    words: ['thing-list', ...words],
    terminal,
    context: async () => ({}),
  })
  return { status, out: out(), err: err(), condition: asked[0] }
}

test('a list shows the columns that are asked for, with or without headings', async () => {
  expect((await list()).out).toBe('id  name\n--------\n 1   one\n')
  expect((await list('-o', 'secret,id', '--no-headers')).out).toBe('s  1\n')
  expect((await list('-t', 'a', '-t', 'b', '--output-format', 'csv')).out).toBe('id,name\n1,a+b\n')
  expect((await list('--list-fields')).out).toMatch(/secret\s+what nobody sees/)
  expect((await list('--list-filters')).out).toMatch(/on\s+whether it is on/)
  expect(await list('-o', 'dream')).toMatchObject({
    status: 1,
    err: expect.stringContaining("CommandError: there is no field 'dream'"),
  })
  expect((await list('--output-format', 'xml')).status).toBe(1)
})

test('conditions become SQL with the values beside it', async () => {
  const { condition } = await list('--filter-by', 'id=>7, name__icontains = Ab ,on!=True')
  expect(condition!.text.replaceAll(/\s+/g, ' ')).toBe(
    '(t.id >= $1::numeric) AND (position(lower($2) IN lower(t.name::text)) > 0) AND (t.is_on IS DISTINCT FROM $3)',
  )
  expect(condition!.values).toEqual(['7', 'Ab', true])
})

test.each(['dream=1', 'id', 'id=x', 'on=perhaps', 'name__like=a', 'id=1;DROP TABLE x'])(
  'the condition %s is refused',
  async (expression) => {
    expect(await list('--filter-by', expression)).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringMatching(/^CommandError: /),
    })
  },
)
