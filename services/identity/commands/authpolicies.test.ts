// Profiles of what may be done with ways to sign in, as operators make, see, assign and remove them.
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { policiesFor } from '../logins/policies.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  return { db, identity, manage: commandLine(identity) }
}

const said = (text: string) => ({ status: 0, out: '', err: `${text}\n` })
const refused = (message: string | RegExp) => ({
  status: 1,
  err: typeof message === 'string' ? `CommandError: ${message}\n` : expect.stringMatching(message),
})

test('a profile is made, assigned, seen, changed and removed', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity, { email: 'alice@example.test', roles: ['cats'] })
  const bob = await createTestUser(identity, { email: 'bob@example.test' })
  const { id: cats } = await db.one<{ id: bigint }>(sql`SELECT id FROM identity.groups WHERE name = 'cats'`)
  expect(await manage('authpolicy-add academics shibboleth --exclusive --login-policy False --limit-policy 0')).toEqual(
    said('Profile stored'),
  )
  expect(await manage('authpolicy-add many google --limit-policy 3 --required-policy 1 --switch-policy False')).toEqual(
    said('Profile stored'),
  )
  expect(await manage(`authpolicy-set academics --group ${cats}`)).toEqual(said('Profile assigned'))
  expect(await manage(`authpolicy-set many --user ${alice.id} --user ${bob.id}`)).toEqual(said('Profile assigned'))
  expect((await policiesFor(identity, db, alice.id))('google')).toMatchObject({ login: false, limit: 0, required: true })
  expect((await policiesFor(identity, db, bob.id))('google')).toMatchObject({ login: true, limit: 3, required: true })

  for (const line of [
    'authpolicy-list',
    'authpolicy-show academics',
    'authpolicy-show many',
    'authpolicy-list -o name,priority,active',
    'authpolicy-list --filter-by exclusive=True -o name',
  ]) {
    for (const format of ['pretty', 'csv', 'json']) {
      const { status, out, err } = await manage(`${line} --output-format ${format}`)
      expect({ status, err }).toEqual({ status: 0, err: '' })
      expect(out).toMatchSnapshot(`${line}, ${format}`)
    }
  }

  expect(await manage('authpolicy-add academics shibboleth --update --unset-limit-policy --add-policy True')).toEqual(
    said('Profile updated'),
  )
  expect(
    await db.one(
      sql`SELECT is_exclusive, policy_login, policy_limit, policy_add FROM identity.auth_policies WHERE name = 'academics'`,
    ),
  ).toEqual({ is_exclusive: false, policy_login: false, policy_limit: null, policy_add: true })
  expect(await manage('authpolicy-set many')).toEqual(said('Profile assigned'))
  expect((await policiesFor(identity, db, bob.id))('google').limit).toBe(1)
  expect(await db.any(sql`SELECT id FROM identity.users WHERE id IN (${alice.id}, ${bob.id})`)).toHaveLength(2)
  expect(await manage('authpolicy-remove many', 'n\n')).toMatchObject({ status: 1 })
  expect(await manage('authpolicy-remove many -f')).toEqual(said('Profile removed'))
  expect(await manage('authpolicy-show many')).toMatchObject(refused("There is no profile named 'many'"))
})

test.for<[string, string | RegExp]>([
  ['authpolicy-add mine google', "A profile named 'mine' already exists. Use --update to change it."],
  ['authpolicy-add other google --update', "There is no profile named 'other'"],
  ['authpolicy-add other friendface', /no provider 'friendface'/],
  ['authpolicy-add other google --unset-add-policy', '--unset-add-policy goes with --update'],
  ['authpolicy-add mine google --update --add-policy True --unset-add-policy', /either --add-policy or --unset-add-policy/],
  ['authpolicy-set mine --user 4711', 'One of the users does not exist'],
  ['authpolicy-set mine --group 4711', 'One of the groups does not exist'],
  ['authpolicy-set other', "There is no profile named 'other'"],
  ['authpolicy-remove other -f', "There is no profile named 'other'"],
])('%s is refused', async ([line, message], { onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  await manage('authpolicy-add mine google')
  expect(await manage(line)).toMatchObject(refused(message))
})

test.for(['authpolicy-add other google --limit-policy many', 'authpolicy-set mine --user alice'])(
  '%s cannot be read',
  async (line, { onTestFinished }) => {
    const { manage } = await openCloud(onTestFinished)
    expect((await manage(line)).status).toBeGreaterThan(0)
  },
)
