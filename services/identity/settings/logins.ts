import { type Setting, setting, Type } from '@synnefo/lib/settings'
import { LOGIN_MODULES, type LoginModule, MODULE_TITLES } from '../wire/login-modules.ts'
import { POLICIES, POLICY_NAMES, type Policies, type Policy } from '../wire/login-policies.ts'

const orNothing = {
  flag: Type.Union([Type.Boolean(), Type.Null()]),
  count: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  groups: Type.Union([Type.Array(Type.String()), Type.Null()]),
}
type PolicySetting = Setting<(typeof orNothing)[keyof typeof orNothing]>

type OfAllModules = `ASTAKOS_AUTH_PROVIDERS_${Uppercase<Policy>}_POLICY`
type OfOneModule = `ASTAKOS_AUTH_PROVIDER_${Uppercase<LoginModule>}_${Uppercase<Policy>}_POLICY`

const upper = <Text extends string>(text: Text) => text.toUpperCase() as Uppercase<Text>

/** The setting of a policy for all modules, or for one of them. */
export const policySettingName = (policy: Policy, module?: LoginModule): OfAllModules | OfOneModule =>
  module === undefined
    ? `ASTAKOS_AUTH_PROVIDERS_${upper(policy)}_POLICY`
    : `ASTAKOS_AUTH_PROVIDER_${upper(module)}_${upper(policy)}_POLICY`

function policySettings(): Record<OfAllModules | OfOneModule, PolicySetting> {
  const settings: [string, PolicySetting][] = []
  for (const policy of POLICY_NAMES) {
    const { kind, help, modules = LOGIN_MODULES } = POLICIES[policy]
    const declare = (of: string, module?: LoginModule) =>
      settings.push([
        policySettingName(policy, module),
        setting(orNothing[kind], { default: null, help: `${help} ${of}; by default ${byDefault(policy, module)}.` }),
      ])
    declare('any way to sign in')
    for (const module of modules) declare(`the way to sign in \`${module}\``, module)
  }
  return Object.fromEntries(settings) as Record<OfAllModules | OfOneModule, PolicySetting>
}

function byDefault(policy: Policy, module?: LoginModule): string {
  if (module !== undefined) return 'as for any'
  if (policy === 'automoderate') return 'true where nobody moderates'
  const { value, of } = POLICIES[policy]
  const exceptions = Object.entries(of ?? {}).map(([name, other]) => `${other} for ${name}`)
  return [JSON.stringify(value), ...exceptions].join(', ')
}

export const loginSettings = {
  ASTAKOS_IM_MODULES: setting(Type.Array(Type.Enum([...LOGIN_MODULES]), { minItems: 1, uniqueItems: true }), {
    default: ['local'],
    help: `Ways to sign in, the one that is offered first at the beginning: ${LOGIN_MODULES.map((name) => `\`${name}\` (${MODULE_TITLES[name]})`).join(', ')}.`,
  }),
  ...policySettings(),
}

/** What a layer of settings says about the policies of a module. */
export function policiesIn(settings: Readonly<Record<string, unknown>>, module: LoginModule, ofAll: boolean): Partial<Policies> {
  const values = POLICY_NAMES.map((policy) => [policy, settings[policySettingName(policy, ofAll ? undefined : module)]] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== null && value !== undefined))
}
