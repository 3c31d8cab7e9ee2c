import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { Fault } from '../fault/index.ts'
import { type Sql, sql } from '../sql/index.ts'
import { formatRecord, formatTable } from './format.ts'
import {
  argument,
  commandsFor,
  defineListing,
  defineScopedListing,
  flag,
  many,
  openTerminal,
  option,
  repeated,
  runCommand,
  tuples,
  UsageError,
} from './index.ts'

function capture(typed = '') {
  const out: string[] = []
  const err: string[] = []
  const sink = (to: string[]) =>
    new Writable({
      write: (chunk, _encoding, done) => {
        to.push(String(chunk))
        done()
      },
    })
  const terminal = openTerminal({ input: Readable.from([typed]), output: sink(out), errors: sink(err) })
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
  defineCommand({
    name: 'project-modify',
    summary: 'Change a project',
    input: { id: argument('uuid'), limit: tuples('limits', { words: ['resource', 'member', 'project'] }) },
    run: async (_, input) => void seen.push(input),
  }),
  defineCommand({
    name: 'key-remove',
    summary: 'Remove the key',
    input: { force: flag('do not ask', { short: 'f' }), lost: flag('it is lost') },
    run: async ({ terminal }, { force, lost }) => {
      await terminal.insist('Are you sure?', { force })
      if (lost) throw new Fault('itemNotFound', 'it is lost')
      terminal.line('gone')
    },
  }),
]
function readCount(word: string): number {
  if (!/^\d+$/.test(word)) throw new UsageError(`'${word}' is not a number`)
  return Number(word)
}

async function run(...words: string[]) {
  const { terminal, out, err } = capture()
  const status = await runCommand({
    program: 'snf-manage',
    version: '1.2.3',
    commands,
    words,
    terminal,
    context: async () => ({}),
  })
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
  const unknown = await run('token-add', 'alice', '--weeks', '1')
  expect(unknown.status).toBe(2)
  expect(unknown.err).toMatch(/^Usage: snf-manage token-add \[options\] <who>\n\nerror: unknown option '--weeks'/)
})

test('an unknown command is told and answers 1, as a missing or needless word does', async () => {
  const unknown = { status: 1, out: '', err: "Unknown command: 'token-ad'\nType 'snf-manage help' for usage.\n" }
  expect(await run('token-ad')).toEqual(unknown)
  expect(await run('help', 'token-ad')).toEqual(unknown)
  expect(await run('token-add')).toEqual({ status: 1, out: '', err: "CommandError: missing required argument 'who'\n" })
  expect(await run('token-add', 'alice', 'bob')).toEqual({
    status: 1,
    out: '',
    err: "CommandError: there is no argument to take the word 'bob'\n",
  })
})

test('common options stand before or after the command, mixed with arguments', async () => {
  seen.length = 0
  for (const words of [
    '--settings=synnefo.settings -v 2 token-add --days 3 alice --traceback',
    'token-add --pythonpath /etc alice -f --verbosity=0 --output-format json',
  ]) {
    expect(await run(...words.split(' '))).toEqual({ status: 0, out: 'secret\n', err: '' })
  }
  expect(seen).toEqual([
    { who: 'alice', days: 3, force: false },
    { who: 'alice', days: undefined, force: true },
  ])
  expect((await run('token-add', 'alice', '-v', '7')).status).toBe(2)
  expect((await run('token-add', 'alice', '--output-format', 'xml')).status).toBe(2)
})

test('the version is told, also beside a command', async () => {
  expect(await run('--version')).toEqual({ status: 0, out: '1.2.3\n', err: '' })
  expect((await run('token-add', '--version')).out).toBe('1.2.3\n')
})

test('help is the same in every spelling', async () => {
  const { out, status } = await run('help', 'token-add')
  expect(status).toBe(0)
  expect(out).toMatch(/^Usage: snf-manage token-add \[options\] <who>\n\nMake a token\n/)
  for (const words of [
    ['token-add', '-h'],
    ['token-add', '--help'],
    ['token-add', 'alice', '--help'],
  ])
    expect((await run(...words)).out).toBe(out)
})

test('an option of several words takes them all, as often as it is given', async () => {
  seen.length = 0
  expect((await run('project-modify', '--limit', 'vm', '1', '2', 'p', '--limit', 'cpu', '-3', 'inf')).status).toBe(0)
  expect(seen).toEqual([
    {
      id: 'p',
      limit: [
        ['vm', '1', '2'],
        ['cpu', '-3', 'inf'],
      ],
    },
  ])
  expect(await run('project-modify', 'p', '--limit', 'vm', '1')).toMatchObject({
    status: 2,
    err: expect.stringContaining('--limit takes 3 words'),
  })
})

test('what is not confirmed is not done', async () => {
  for (const [typed, status] of [
    ['', 1],
    ['n\n', 1],
    ['perhaps\n', 1],
    ['y\n', 0],
    ['YES\n', 0],
  ] as const) {
    const { terminal, out, err } = capture(typed)
    const options = { program: 'snf-manage', commands, terminal, context: async () => ({}) }
    expect(await runCommand({ ...options, words: ['key-remove'] })).toBe(status)
    expect(err()).toBe(status === 0 ? 'Are you sure? [Y/N] ' : 'Are you sure? [Y/N] Aborted.\n')
    expect(out()).toBe(status === 0 ? 'gone\n' : '')
  }
  expect(await run('key-remove', '-f')).toEqual({ status: 0, out: 'gone\n', err: '' })
})

test('--traceback shows where a refusal comes from', async () => {
  expect((await run('key-remove', '-f', '--lost')).err).toBe('CommandError: it is lost\n')
  expect((await run('key-remove', '-f', '--lost', '--traceback')).err).toMatch(
    /^Fault: it is lost\n {4}at [\s\S]*\nCommandError: it is lost\n$/,
  )
})

test('one failure of many is told, the others go on, and the status is 1', async () => {
  const { status, out, err } = await run('server-remove', '1', '2', '3')
  expect({ status, out, err }).toEqual({
    status: 1,
    out: '',
    err: 'Removing 1: done\nRemoving 2: failed: it is busy\nRemoving 3: done\n',
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
    owner__email: { help: 'whose it is', column: sql`u.email`, type: 'text' },
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
  expect((await list('--output-format', 'xml')).status).toBe(2)
  expect(await list('7')).toEqual({
    status: 1,
    out: '',
    err: 'CommandError: List commands do not accept any argument\n',
    condition: undefined,
  })
})

test('conditions become SQL with the values beside it', async () => {
  const { condition } = await list('--filter-by', 'id=>7, name__icontains = Ab ,on!=True')
  expect(condition!.text.replaceAll(/\s+/g, ' ')).toBe(
    '(t.id >= $1::numeric) AND (position(lower($2) IN lower(t.name::text)) > 0) AND (t.is_on IS DISTINCT FROM $3)',
  )
  expect(condition!.values).toEqual(['7', 'Ab', true])
})

test('a key may reach beyond the thing itself', async () => {
  const { condition } = await list('--filter-by', 'owner__email=a@b.c,owner__email__icontains=A')
  expect(condition!.text.replaceAll(/\s+/g, ' ')).toBe('(u.email = $1) AND (position(lower($2) IN lower(u.email::text)) > 0)')
})

const keys = defineScopedListing<{ id: number; owner: string | null }>(
  { id: { help: 'its number', cell: ({ id }) => id, shown: true } },
  {},
  {
    owner: { column: sql`k.owner`, uuid: ({ owner }) => owner },
    project: { column: sql`k.project` },
    deleted: { column: sql`k.gone` },
  },
)
const keyList = defineCommand({
  name: 'key-list',
  summary: 'Show keys',
  input: keys.input,
  run: ({ terminal }, input) =>
    keys.show(
      terminal,
      input,
      async (condition) => {
        asked.push(condition)
        return [
          { id: 1, owner: 'uuid-of-alice' },
          { id: 2, owner: null },
        ]
      },
      {
        people: {
          uuidOf: async (email) => (email === 'alice@example.test' ? 'uuid-of-alice' : undefined),
          emailsOf: async (uuids) => new Map(uuids.map((uuid) => [uuid, `${uuid.slice(8)}@example.test`])),
        },
      },
    ),
})

test('what has an owner is listed by uuid or e-mail address, with the addresses when they are asked for', async () => {
  const own = async (...words: string[]) => {
    asked.length = 0
    const { terminal, out, err } = capture()
    const options = { program: 'snf-manage', commands: [keyList], terminal, context: async () => ({}) }
    const status = await runCommand({ ...options, words: ['key-list', ...words] })
    return { status, out: out(), err: err(), values: asked[0]?.values, text: asked[0]?.text.replaceAll(/\s+/g, ' ') }
  }
  expect(await own()).toMatchObject({ text: '(true) AND (NOT k.gone)', out: 'id\n--\n 1\n 2\n' })
  expect(await own('-d', '-p', 'p1', '--user', 'alice@example.test')).toMatchObject({
    text: '(true) AND (k.gone) AND (k.project::text = $1) AND (k.owner::text = $2)',
    values: ['p1', 'uuid-of-alice'],
  })
  expect((await own('-u', 'some-uuid')).values).toEqual(['some-uuid'])
  expect(await own('-u', 'bob@example.test')).toMatchObject({ status: 1, err: expect.stringContaining('bob@example.test') })
  for (const words of [['--display-mails'], ['--displayname'], ['-o', 'id,user.email']])
    expect((await own('--output-format', 'csv', ...words)).out).toBe('id,user.email\n1,alice@example.test\n2,None\n')
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
