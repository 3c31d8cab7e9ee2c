import { argument, flag, option, readYesOrNo } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { insertAuthPolicy, lockAuthPolicy, type StoredPolicies, updateAuthPolicy } from '../store/auth-policies.ts'
import { isLoginModule, LOGIN_MODULES } from '../wire/login-modules.ts'
import { PROFILE_POLICIES, type ProfilePolicy } from '../wire/login-policies.ts'
import { defineCommand, noteCommand } from './define.ts'

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1)
type Value = boolean | number | undefined

function readLimit(word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new Fault('badRequest', `'${word}' is no number of identities`)
  return Number(word)
}

/** Two options for each policy: one says what holds, the other that the profile says nothing about it. */
const policyOptions = Object.fromEntries(
  PROFILE_POLICIES.flatMap((policy) => [
    [
      `${policy}Policy`,
      policy === 'limit'
        ? option<Value>('set the policy limit', { read: readLimit, placeholder: 'number' })
        : option<Value>(`set the policy ${policy}`, { read: readYesOrNo, placeholder: 'True|False' }),
    ],
    [`unset${capital(policy)}Policy`, flag(`with --update: say nothing about ${policy} any more`)],
  ]),
)

export const authpolicyAdd = defineCommand({
  name: 'authpolicy-add',
  summary: 'Make or change a profile of what may be done with a way to sign in',
  description:
    'A profile holds for the people and groups that authpolicy-set gives it to, over what the settings say. With --update a profile that exists is changed; without --exclusive it is then no exclusive one.',
  input: {
    name: argument('name of the profile'),
    provider: argument(`way to sign in: ${LOGIN_MODULES.join(', ')}`),
    update: flag('change the profile of this name'),
    exclusive: flag('let it hold for every other way to sign in'),
    ...policyOptions,
  },
  async run({ identity, terminal }, { name, provider, update, exclusive, ...given }) {
    if (!isLoginModule(provider)) {
      throw new Fault('badRequest', `There is no provider '${provider}': one of ${LOGIN_MODULES.join(', ')}`)
    }
    const policies = readPolicies(given, update)
    await identity.db.transaction(async (tx) => {
      const present = await lockAuthPolicy(tx, name)
      if (present && !update) throw new Fault('conflict', `A profile named '${name}' already exists. Use --update to change it.`)
      if (!present && update) throw new Fault('itemNotFound', `There is no profile named '${name}'`)
      if (!present) await insertAuthPolicy(tx, name, provider, exclusive)
      await updateAuthPolicy(tx, name, { provider, isExclusive: exclusive, policies })
      await noteCommand(tx, 'authpolicy-add', `authpolicy:${name}`, { provider, exclusive, update, policies })
    })
    terminal.error(update ? 'Profile updated' : 'Profile stored')
  },
})

function readPolicies(given: Record<string, unknown>, update: boolean): Partial<StoredPolicies> {
  const policies: Partial<Record<ProfilePolicy, Value | null>> = {}
  for (const policy of PROFILE_POLICIES) {
    const value = given[`${policy}Policy`] as Value
    const unset = given[`unset${capital(policy)}Policy`] === true
    if (unset && !update) throw new Fault('badRequest', `--unset-${policy}-policy goes with --update`)
    if (unset && value !== undefined) {
      throw new Fault('badRequest', `Give either --${policy}-policy or --unset-${policy}-policy`)
    }
    if (unset) policies[policy] = null
    else if (value !== undefined) policies[policy] = value
  }
  return policies as Partial<StoredPolicies>
}
