// Which policies hold for a way to sign in: what is built in, what the settings say, and the profiles of a person and of
// his groups.
import type { Queryable } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { policiesIn } from '../settings/logins.ts'
import { type AuthPolicyRow, authPoliciesOf } from '../store/auth-policies.ts'
import { authProvidersOf } from '../store/auth-providers.ts'
import { isLoginModule, type LoginModule } from '../wire/login-modules.ts'
import { POLICIES, POLICY_NAMES, type Policies, PROFILE_POLICIES } from '../wire/login-policies.ts'

type Profile = Pick<AuthPolicyRow, 'provider' | 'isExclusive' | (typeof PROFILE_POLICIES)[number]>

/** The policies of a module. `profiles` are those that count for the person, the weightiest last. */
export function configuredPolicies(settings: IdentitySettings, module: LoginModule, profiles: readonly Profile[]): Policies {
  const layers: Partial<Policies>[] = [
    builtIn(settings, module),
    policiesIn(settings, module, true),
    policiesIn(settings, module, false),
    ...profiles.filter((profile) => isAbout(profile, module)).map(policiesOfProfile),
  ]
  return Object.assign({}, ...layers)
}

function builtIn(settings: IdentitySettings, module: LoginModule): Policies {
  const values = POLICY_NAMES.map((policy) => [policy, POLICIES[policy].of?.[module] ?? POLICIES[policy].value])
  const policies: Policies = { ...Object.fromEntries(values), automoderate: !settings.ASTAKOS_MODERATION_ENABLED }
  // Where sign-up is closed no provider opens it. Who signs up with a password is asked for his invitation by `signUp`.
  return module === 'local' ? policies : { ...policies, create: policies.create && settings.ASTAKOS_SHOW_SIGNUP }
}

const isAbout = ({ provider, isExclusive }: Profile, module: LoginModule) => (provider === module) !== isExclusive

const policiesOfProfile = (profile: Profile): Partial<Policies> =>
  Object.fromEntries(PROFILE_POLICIES.map((policy) => [policy, profile[policy]]).filter(([, value]) => value !== null))

/** Answers the policies of each module for a person; for a visitor, when none is named. */
export async function policiesFor(
  { settings }: Pick<Identity, 'settings'>,
  db: Queryable,
  userId?: bigint,
): Promise<(module: LoginModule) => Policies> {
  const profiles = userId === undefined ? [] : await authPoliciesOf(db, userId)
  return (module) => configuredPolicies(settings, module, profiles)
}

/** The module with which the account was made, when its policy is that no moderator is needed. */
export async function automoderatedBy(
  identity: Pick<Identity, 'settings'>,
  db: Queryable,
  userId: bigint,
): Promise<LoginModule | undefined> {
  const first = (await authProvidersOf(db, userId)).find(({ isActive }) => isActive)
  if (!first || !isLoginModule(first.module)) return undefined
  return (await policiesFor(identity, db, userId))(first.module).automoderate ? first.module : undefined
}
