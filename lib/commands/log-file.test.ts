import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withoutSecrets } from '../log/index.ts'
import { temporaryFolder } from '../testing/index.ts'
import { maskedWords, openCommandLog } from './log-file.ts'

const TOKEN = 'plUwYXUQTXbsDytyu64vO_LWuDZZmVq6jAKP0HZG7e8'

test('a command leaves a file of its own with what was asked and written, without secrets', async ({ onTestFinished }) => {
  const folder = join(await temporaryFolder(onTestFinished), 'logs/commands')
  const words = ['user-modify', '7', '--password', 'hush hush', '--set-admin']
  const log = openCommandLog({ folder, command: 'user-modify', words, pid: 42, now: new Date('2014-05-08T13:44:04Z') })
  const seen: string[] = []
  const output = log.copying({ write: (text) => seen.push(text) })
  output.write('Account activated\n')
  output.write(`User's new password: abc123\nToken: ${TOKEN}\n`)
  log.close()
  expect(seen.join('')).toBe(`Account activated\nUser's new password: abc123\nToken: ${TOKEN}\n`)
  expect(await readdir(folder)).toEqual(['140508134404_user-modify_42.log'])
  const path = join(folder, '140508134404_user-modify_42.log')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readFile(path, 'utf8')).toBe(`Command: user-modify 7 --password ******** --set-admin
Pid: 42
Started: 2014-05-08T13:44:04.000Z

Account activated
User's new password: ********
Token: ********
`)
})

test('a folder that cannot be written is told', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  await writeFile(join(folder, 'commands'), 'a file')
  expect(() => openCommandLog({ folder: join(folder, 'commands'), command: 'x', words: [], pid: 1 })).toThrow(/EEXIST|ENOTDIR/)
})

test.for([
  ['component-modify radio --auth-token abc', 'component-modify radio --auth-token ********'],
  ['oauth2-client-add x --secret=abc --url u', 'oauth2-client-add x --secret=******** --url u'],
  ['component-modify radio --renew-token --base-url u', 'component-modify radio --renew-token --base-url u'],
  ['user-add a@b.c A B --password=a=b', 'user-add a@b.c A B --password=********'],
])('of "%s" the log keeps "%s"', ([words, kept]) => {
  expect(maskedWords(words!.split(' ')).join(' ')).toBe(kept)
})

test('passwords in addresses are left out', () => {
  const words = ['pithos-import', '--database', 'postgresql://pithos:hush/h@sh@db.example.org:5432/pithos', '--data=http://a@b/c']
  expect(maskedWords(words)).toEqual([
    'pithos-import',
    '--database',
    'postgresql://pithos:********@db.example.org:5432/pithos',
    '--data=http://a@b/c',
  ])
})

test('a token that nothing calls one is masked, with digits or without, wherever it has its dashes', () => {
  for (const token of [TOKEN, 'plUwYXUQTXbsDytyu-vO_LWuDZZmVq-jAKP-HZGeeex', '-lUwYXUQTXbsDytyu64vO_LWuDZZmVq6jAKP0HZG7e-'])
    expect(withoutSecrets(`Made ${token}\n`)).toBe('Made ********\n')
})

test('what is no secret is kept as it is', () => {
  for (const text of [
    'at Object.thePlanThatWasMadeForManyPeopleAtOnce (file.js:1:2)',
    'User created with UUID: 0b1a2c3d-1111-4222-8333-944455556666',
    'Removed 3 expired tokens.',
    'id  name\n--------',
  ])
    expect(withoutSecrets(text)).toBe(text)
})
