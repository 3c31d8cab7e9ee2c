// What must hold for every command of snf-manage, whoever wrote it.
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { type Command, openTerminal, runCommand } from '@synnefo/lib/commands'
import { expect, test } from 'vitest'
import type { ManageContext } from './commands/index.ts'
import { commands } from './commands.ts'
import { programs } from './programs.ts'

/** The commands of identity and object store that guides and scripts of the original know, and those that it lacked. */
const KNOWN = [
  'user-list user-show user-add user-modify user-activation-send group-add group-list',
  'authpolicy-add authpolicy-list authpolicy-show authpolicy-remove authpolicy-set',
  'fix-superusers cleanup-full term-add astakos-import',
  'component-add component-list component-show component-modify component-remove',
  'service-list service-show service-export-astakos service-import',
  'resource-list resource-modify stats-astakos',
  'project-list project-show project-control project-modify',
  'quota-list quota-verify reconcile-resources-astakos commission-list commission-show commission-resolve',
  'oauth2-client-add oauth2-client-list oauth2-client-remove',
  'snf-service-export snf-component-register',
  'file-show reconcile-commissions-pithos reconcile-resources-pithos service-export-pithos pithos-gc pithos-fsck pithos-import pithos-usage queue-consume',
  'migrate syncdb loaddata createsuperuser shell show_urls link_static',
].flatMap((line) => line.split(' '))

const run = (...words: string[]) => runOf({ program: 'snf-manage', commands }, ...words)

async function runOf(of: { program: string; commands: readonly Command<ManageContext>[] }, ...words: string[]) {
  const written = { out: '', err: '' }
  const sink = (to: keyof typeof written) => ({
    write: (text: string) => {
      written[to] += text
    },
  })
  const terminal = openTerminal({ input: Readable.from([]), output: sink('out'), errors: sink('err') })
  const context = async () => {
    throw new Error('the cloud was opened')
  }
  const status = await runCommand({ ...of, version: '1', words, terminal, context }).catch((error: Error) => error.message)
  return { status, ...written }
}

const shown = commands.filter(({ hidden }) => !hidden)

test('help lists every command that guides and scripts know', async () => {
  const { status, out, err } = await run('help')
  expect({ status, err }).toEqual({ status: 0, err: '' })
  const listed = [...out.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name)
  expect(KNOWN.filter((name) => !listed.includes(name))).toEqual([])
  for (const heading of ['Cloud:', 'Identity:', 'Object store:', 'Compute:']) expect(out).toContain(`\n${heading}\n`)
})

test('every command has a name of its own', () => {
  const names = commands.map(({ name }) => name)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

test('every command explains itself, its arguments and its options', async () => {
  for (const { name, summary, input } of shown) {
    const { status, out } = await run('help', name)
    expect([name, status]).toEqual([name, 0])
    expect(out.startsWith(`Usage: snf-manage ${name} [options]`), out).toBe(true)
    expect(out).toContain(summary.split(' ').slice(0, 3).join(' '))
    for (const option of ['--output-format', '--verbosity', '--traceback', '--settings', '--pythonpath', '--version', '--help'])
      expect(out, name).toContain(option)
    for (const [parameter, { help }] of Object.entries(input)) expect([name, parameter, help.trim()]).not.toContain('')
    expect((await run(name, '--help')).out).toBe(out)
    expect((await run(name, '-h')).out).toBe(out)
    expect((await run(name, '--version')).out).toBe('1\n')
  }
})

test('no command takes what it cannot read: options end with 2, words with 1, and nothing is opened for them', async () => {
  for (const { name, input } of commands) {
    const args = Object.values(input)
      .filter(({ kind, optional }) => kind === 'argument' && !optional)
      .map(() => '7')
    const option = await run(name, ...args, '--no-such-option')
    expect([name, option.status]).toEqual([name, 2])
    expect(option.err).toMatch(/^Usage: snf-manage .*\n\nerror: unknown option '--no-such-option'/)
    const format = await run(name, ...args, '--output-format', 'xml')
    expect([name, format.status, format.out]).toEqual([name, 2, ''])
    if (args.length > 0) expect([name, (await run(name)).status]).toEqual([name, 1])
    const takesMore = Object.values(input).some(({ kind, many, optional }) => kind === 'argument' && (many || optional))
    if (!takesMore) expect([name, (await run(name, ...args, 'needless')).status]).toEqual([name, 1])
  }
})

test('every list takes the options of lists, and no argument', async () => {
  const lists = commands.filter(({ name }) => name.endsWith('-list'))
  expect(lists.length).toBeGreaterThan(10)
  for (const { name, input } of lists) {
    for (const option of ['output', 'outputFormat', 'listFields', 'filterBy', 'listFilters', 'noHeaders'])
      expect([name, Object.keys(input)]).toEqual([name, expect.arrayContaining([option])])
    expect(await run(name, '7')).toEqual({
      status: 1,
      out: '',
      err: 'CommandError: List commands do not accept any argument\n',
    })
  }
})

test('every command that removes asks first, unless it is forced', () => {
  const removing = commands.filter(({ name }) => /-(remove|delete)$/.test(name))
  expect(removing.length).toBeGreaterThan(2)
  for (const { name, input } of removing) expect([name, input['force']?.short]).toEqual([name, 'f'])
})

test('an unknown command is told, with the way to those that are known', async () => {
  expect(await run('user-lsit')).toEqual({
    status: 1,
    out: '',
    err: "Unknown command: 'user-lsit'\nType 'snf-manage help' for usage.\n",
  })
})

test('programs of their own names know the commands of the original', async () => {
  const KNOWN_PROGRAMS: Record<string, string[]> = {
    'pithos-manage-accounts': ['list', 'delete', 'merge', 'export-quota', 'set-container-quota'],
    'pithos-migrate': ['initdb', 'stamp', 'upgrade', 'downgrade', 'current', 'history', 'heads', 'import'],
  }
  expect([...programs.keys()]).toEqual(Object.keys(KNOWN_PROGRAMS))
  for (const [program, own] of programs) {
    expect(own.map(({ name }) => name).sort()).toEqual(KNOWN_PROGRAMS[program]!.sort())
    expect(readFileSync(new URL(`../../bin/${program}`, import.meta.url), 'utf8')).toContain(`manage ${program} "$@"`)
    for (const { name, input } of own) {
      const help = await runOf({ program, commands: own }, 'help', name)
      expect([name, help.status, help.err]).toEqual([name, 0, ''])
      expect(help.out.startsWith(`Usage: ${program} ${name} [options]`), help.out).toBe(true)
      const takesArguments = Object.values(input).some(({ kind, optional }) => kind === 'argument' && !optional)
      if (takesArguments) expect([name, (await runOf({ program, commands: own }, name)).status]).toEqual([name, 1])
      expect([name, (await runOf({ program, commands: own }, name, '7', '8', '--no-such-option')).status]).toEqual([name, 2])
    }
    expect(await runOf({ program, commands: own }, 'lsit')).toMatchObject({ status: 1, out: '' })
  }
})
