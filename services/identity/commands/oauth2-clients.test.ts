import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { findOAuthClient } from '../store/oauth2-clients.ts'
import { openTestIdentity } from '../testing.ts'
import { checkPassword } from '../users/password-hash.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, { settings: { OAUTH2_MAXIMUM_ALLOWED_REDIRECT_URI_LENGTH: 60 } })
  return { db, manage: commandLine(identity) }
}

test('clients are added, listed and removed', async ({ onTestFinished }) => {
  const { db, manage } = await openCloud(onTestFinished)
  const long = `https://a.example/${'x'.repeat(60)}`
  expect(
    await manage(`oauth2-client-add pithos-view --secret 12345 --is-trusted --url https://pithos.example/view --url ${long}`),
  ).toMatchInlineSnapshot(`
    {
      "err": "Ignoring 1 URL of more than 60 characters
    OAuth 2.0 client added with id 1
    ",
      "out": "",
      "status": 0,
    }
  `)
  expect(await manage('oauth2-client-add app --type public --url app://back --url https://app.example')).toMatchInlineSnapshot(`
    {
      "err": "OAuth 2.0 client added with id 2
    ",
      "out": "",
      "status": 0,
    }
  `)
  expect((await manage('oauth2-client-list')).out).toMatchInlineSnapshot(`
    "id   identifier          type  is_trusted
    -----------------------------------------
     1  pithos-view  confidential        True
     2          app        public       False
    "
  `)
  expect((await manage('oauth2-client-list -o identifier,redirect_urls --output-format csv')).out).toMatchInlineSnapshot(`
    "identifier,redirect_urls
    pithos-view,https://pithos.example/view
    app,"app://back, https://app.example/"
    "
  `)
  for (const [flag, names] of [
    ['--confidential', ['pithos-view']],
    ['--public', ['app']],
    ['--trusted', ['pithos-view']],
    ['--public --trusted', []],
    ['--filter-by is_trusted=no', ['app']],
  ] as const) {
    const { out } = await manage(`oauth2-client-list ${flag} --output-format json`)
    expect([flag, JSON.parse(out).map(({ identifier }: { identifier: string }) => identifier)]).toEqual([flag, names])
  }
  const stored = (await findOAuthClient(db, 'pithos-view'))!
  expect(stored.secretHash).toMatch(/^\$argon2id\$/)
  expect((await checkPassword('12345', stored.secretHash)).matches).toBe(true)

  expect(await manage('oauth2-client-remove app', 'no\n')).toMatchObject({ status: 1 })
  expect(await findOAuthClient(db, 'app')).toBeDefined()
  expect(await manage('oauth2-client-remove app', 'y\n')).toMatchObject({ status: 0, out: '' })
  expect(await manage(`oauth2-client-remove ${stored.id} --force`)).toMatchInlineSnapshot(`
    {
      "err": "Removed the OAuth 2.0 client pithos-view
    ",
      "out": "",
      "status": 0,
    }
  `)
  expect((await manage('oauth2-client-list --no-headers')).out.trim()).toBe('')
})

test.for([
  ['oauth2-client-add a --url https://a.example', /needs a secret/],
  ['oauth2-client-add a --type public --secret s --url https://a.example', /cannot keep a secret/],
  ['oauth2-client-add a --secret s', /at least one URL/],
  ['oauth2-client-add a --secret s --url /relative', /not an absolute URL/],
  ['oauth2-client-add a --secret s --type secret --url https://a.example', /no type of clients/],
  ['oauth2-client-add a:b --secret s --url https://a.example', /identifier/],
  ['oauth2-client-remove nobody --force', /Unknown OAuth 2.0 client 'nobody'/],
] as const)('%s is refused', async ([line, message], { onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const { status, out, err } = await manage(line)
  expect([status, out]).toEqual([1, ''])
  expect(err).toMatch(message)
})

test('a second client of the same name is refused', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const line = 'oauth2-client-add app --type public --url https://app.example'
  expect((await manage(line)).status).toBe(0)
  expect(await manage(line)).toMatchObject({ status: 1, err: "CommandError: There is a client 'app' already\n" })
})
