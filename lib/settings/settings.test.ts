import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/index.ts'
import { defineSettings, describeSettings, readSettings, setting, Type } from './index.ts'

const declared = defineSettings({
  MODERATION_ENABLED: setting(Type.Boolean(), { default: false, help: 'New people wait for an administrator.' }),
  TOKEN_HOURS: setting(Type.Integer({ minimum: 1 }), { default: 720, help: 'Hours a token lives.' }),
  SERVICE_NAME: setting(Type.String(), { default: 'Synnefo', help: 'Shown on pages.' }),
  VERSIONING: setting(Type.Union([Type.Literal('auto'), Type.Literal('none')]), { default: 'auto', help: 'Whether to keep.' }),
})

test('files override defaults in the order of their names, the environment overrides files', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const etc = join(folder, 'etc')
  await mkdir(etc)
  await writeFile(join(folder, '10-a.toml'), 'TOKEN_HOURS = 5\nSERVICE_NAME = "A"\n')
  await writeFile(join(folder, '20-b.toml'), 'SERVICE_NAME = "B"\n')
  await writeFile(join(etc, '00.toml'), 'MODERATION_ENABLED = true\n')
  const values = await readSettings(declared, {
    folders: [folder, etc, join(folder, 'missing')],
    env: { TOKEN_HOURS: '7', SERVICE_NAME: undefined },
  })
  expect(values).toEqual({ MODERATION_ENABLED: true, TOKEN_HOURS: 7, SERVICE_NAME: 'B', VERSIONING: 'auto' })
})

test.each([
  ['TOKEN_HOURS = 0', /a\.toml:2.*TOKEN_HOURS.*Hours a token lives/],
  ['TOKEN_HOURS = "many"', /a\.toml:2.*TOKEN_HOURS/],
  ['MODERATION_ENABLD = true', /a\.toml:2.*no setting MODERATION_ENABLD.*Did you mean MODERATION_ENABLED/],
  ['VERSIONING = "sometimes"', /a\.toml:2.*VERSIONING must be "auto" or "none"\./],
  ['= 5', /a\.toml:2.*not valid TOML/],
])('%s stops the start with file, line and remedy', async (line, message) => {
  const folder = await temporaryFolder((work) => void cleanups.push(work))
  await writeFile(join(folder, 'a.toml'), `# first line\n${line}\n`)
  await expect(readSettings(declared, { folders: [folder], env: {} })).rejects.toThrow(message)
  for (const work of cleanups.splice(0)) await work()
})
const cleanups: (() => void | Promise<void>)[] = []

test('everything that is wrong is told at once, in the order of files and then the environment', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  await writeFile(join(folder, '10-a.toml'), 'TOKEN_HOURS = 0\nSERVICE_NAM = "x"\nVERSIONING = "auto"\n')
  await writeFile(join(folder, '20-b.toml'), '= 5\n')
  await writeFile(join(folder, '30-c.toml'), 'VERSIONING = 7\n')
  const error = await readSettings(declared, { folders: [folder], env: { MODERATION_ENABLED: 'perhaps' } }).catch((each) => each)
  expect(error.message.split('\n')).toEqual([
    expect.stringMatching(/10-a\.toml:1: the value of TOKEN_HOURS/),
    expect.stringMatching(/10-a\.toml:2: there is no setting SERVICE_NAM\. Did you mean SERVICE_NAME/),
    expect.stringMatching(/20-b\.toml:1: this is not valid TOML/),
    expect.stringMatching(/30-c\.toml:1: the value of VERSIONING/),
    expect.stringMatching(/environment variable MODERATION_ENABLED: the value/),
  ])
})

test('the reference names every setting', () => {
  expect(describeSettings(declared)).toContain('| `TOKEN_HOURS` | `720` | Hours a token lives. |')
})

test('obsolete names are passed over with a word about each, and no others', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  await writeFile(join(folder, 'a.toml'), 'OLD_QUEUE_HOST = "x"\nOLD = 1\nTOKEN_HOURS = 5\n')
  const said: string[] = []
  const sources = { folders: [folder], obsolete: ['OLD_QUEUE_*', 'OLD'], warn: (message: string) => void said.push(message) }
  const values = await readSettings(declared, { ...sources, env: { OLD_QUEUE_PORT: '5', OLDER: 'ignored' } })
  expect(values).toEqual({ MODERATION_ENABLED: false, TOKEN_HOURS: 5, SERVICE_NAME: 'Synnefo', VERSIONING: 'auto' })
  expect(said.map((line) => /setting (\w+) is obsolete/.exec(line)?.[1])).toEqual(['OLD_QUEUE_HOST', 'OLD', 'OLD_QUEUE_PORT'])
  await writeFile(join(folder, 'b.toml'), 'OLDER = 1\n')
  await expect(readSettings(declared, { ...sources, env: {} })).rejects.toThrow(/b\.toml:1.*no setting OLDER/)
})
