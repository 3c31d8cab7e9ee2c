import { sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { migrations } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { policySettingName } from '../settings/logins.ts'
import { createTestUser, defaultSettings, openTestIdentity } from '../testing.ts'
import { LOGIN_MODULES, type LoginModule } from '../wire/login-modules.ts'
import { allowedChanges, POLICIES, POLICY_NAMES, type Policies, type Policy } from '../wire/login-policies.ts'
import { configuredPolicies, policiesFor } from './policies.ts'

type Profile = Parameters<typeof configuredPolicies>[2][number]

const UNSET = {
  ...{ add: null, remove: null, create: null, login: null },
  ...{ limit: null, required: null, automoderate: null, switch: null },
}
const profile = (provider: LoginModule, values: Partial<Profile>): Profile => ({
  provider,
  isExclusive: false,
  ...UNSET,
  ...values,
})

/** A value that nobody would have by default. */
const OTHER: { readonly [P in Policy]: Policies[P] } = {
  login: false,
  create: false,
  add: false,
  remove: false,
  limit: 7,
  switch: false,
  required: true,
  automoderate: true,
  autoverify: true,
  add_groups: ['dogs'],
  creation_groups: ['cats'],
  mirror_groups: true,
}
const MODERATED = { ...defaultSettings, ASTAKOS_MODERATION_ENABLED: true }

test.for(POLICY_NAMES)('the policy %s is what is built in, until settings for all modules or for one say otherwise', (policy) => {
  for (const module of POLICIES[policy].modules ?? LOGIN_MODULES) {
    const valueWith = (settings: Partial<Record<string, unknown>>) =>
      configuredPolicies({ ...MODERATED, ...settings } as IdentitySettings, module, [])[policy]
    const builtIn = POLICIES[policy].of?.[module] ?? POLICIES[policy].value
    const [all, one] = [policySettingName(policy), policySettingName(policy, module)]
    expect(Object.keys(defaultSettings)).toEqual(expect.arrayContaining([all, one]))
    expect(valueWith({})).toEqual(builtIn)
    expect(valueWith({ [all]: OTHER[policy] })).toEqual(OTHER[policy])
    expect(valueWith({ [all]: OTHER[policy], [one]: builtIn })).toEqual(builtIn)
    expect(valueWith({ [one]: OTHER[policy] })).toEqual(OTHER[policy])
  }
})

test('accounts need no moderator where nobody moderates', () => {
  expect(configuredPolicies(defaultSettings, 'google', []).automoderate).toBe(true)
})

test.for<[string, Profile[], Partial<Policies>]>([
  ['a profile is about its module', [profile('google', { limit: 3, create: false })], { limit: 3, create: false, add: true }],
  ['not about another one', [profile('ldap', { limit: 3 })], { limit: 1 }],
  ['an exclusive one is about all the others', [profile('ldap', { isExclusive: true, login: false })], { login: false }],
  ['and not about its own', [profile('google', { isExclusive: true, login: false })], { login: true }],
  ['the weightiest wins', [profile('google', { limit: 3 }), profile('google', { limit: 5 })], { limit: 5 }],
  [
    'what it does not set stays',
    [profile('google', { limit: 3, add: false }), profile('google', { add: true })],
    { limit: 3, add: true },
  ],
  ['it outweighs settings', [profile('google', { required: false })], { required: false }],
])('profiles: %s', ([, profiles, expected]) => {
  const settings = { ...MODERATED, ASTAKOS_AUTH_PROVIDER_GOOGLE_REQUIRED_POLICY: true }
  expect(configuredPolicies(settings, 'google', profiles)).toMatchObject(expected)
})

test('profiles of groups outweigh those of the person, and the higher priority the lower', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const identity = await openTestIdentity(onTestFinished, db)
  const { id } = await createTestUser(identity, { roles: ['cats'] })
  const add = (name: string, limit: number, priority: number, isActive = true) => sql`
    INSERT INTO identity.auth_policies (name, provider, policy_limit, priority, is_active)
    VALUES (${name}, 'google', ${limit}, ${priority}, ${isActive})`
  const limit = async () => (await policiesFor(identity, db, id))('google').limit
  const attach = async (name: string, to: 'person' | 'group') => {
    await db.run(
      to === 'person'
        ? sql`INSERT INTO identity.auth_policy_users SELECT id, ${id} FROM identity.auth_policies WHERE name = ${name}`
        : sql`INSERT INTO identity.auth_policy_groups SELECT p.id, g.id FROM identity.auth_policies p, identity.groups g
              WHERE p.name = ${name} AND g.name = 'cats'`,
    )
  }
  await db.run(add('low', 2, 1))
  await db.run(add('high', 3, 9))
  await db.run(add('group', 4, 1))
  await db.run(add('asleep', 5, 99, false))
  expect(await limit()).toBe(1)
  await attach('high', 'person')
  await attach('low', 'person')
  expect(await limit()).toBe(3)
  await attach('group', 'group')
  await attach('asleep', 'group')
  expect(await limit()).toBe(4)
  expect((await policiesFor(identity, db))('google').limit).toBe(1)
})

test.for<[string, Partial<Policies>, { active: number; ofModule: number }, ReturnType<typeof allowedChanges>]>([
  ['a second module', {}, { active: 1, ofModule: 0 }, { add: true, remove: false, switch: true }],
  ['the only one', {}, { active: 1, ofModule: 1 }, { add: false, remove: false, switch: true }],
  ['one of two', {}, { active: 2, ofModule: 1 }, { add: false, remove: true, switch: false }],
  ['one of two, which must stay', { remove: false }, { active: 2, ofModule: 1 }, { add: false, remove: false, switch: true }],
  ['room for another', { limit: 2 }, { active: 2, ofModule: 1 }, { add: true, remove: true, switch: true }],
  ['no more may come', { add: false, limit: 9 }, { active: 2, ofModule: 0 }, { add: false, remove: true, switch: false }],
  ['no exchange', { switch: false }, { active: 1, ofModule: 1 }, { add: false, remove: false, switch: false }],
])('what may be done: %s', ([, policies, facts, expected]) => {
  expect(allowedChanges({ ...configuredPolicies(defaultSettings, 'google', []), ...policies }, facts)).toEqual(expected)
})
