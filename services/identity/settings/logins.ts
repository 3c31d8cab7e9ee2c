import { type Setting, type Static, setting, Type } from '@synnefo/lib/settings'
import { LOGIN_MESSAGE_NAMES, LOGIN_MESSAGES, type LoginMessage, standardText } from '../wire/login-messages.ts'
import { LOGIN_MODULES, type LoginModule, MODULE_TITLES } from '../wire/login-modules.ts'
import { POLICIES, POLICY_NAMES, type Policies, type Policy } from '../wire/login-policies.ts'
import { Flag, Text } from './types.ts'

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
        setting(orNothing[kind], {
          default: null,
          help: `${help} ${of}. \`null\` sets nothing: then it is ${byDefault(policy, module)}.`,
        }),
      ])
    declare('any way to sign in')
    for (const module of modules) declare(`the way to sign in \`${module}\``, module)
  }
  return Object.fromEntries(settings) as Record<OfAllModules | OfOneModule, PolicySetting>
}

function byDefault(policy: Policy, module?: LoginModule): string {
  if (module !== undefined) return 'as for any'
  if (policy === 'automoderate') return 'true where nobody moderates'
  if (policy === 'create') return 'what `ASTAKOS_SHOW_SIGNUP` says, and true for local, where the invited sign up in any case'
  const { value, of } = POLICIES[policy]
  const exceptions = Object.entries(of ?? {}).map(([name, other]) => `${other} for ${name}`)
  return [JSON.stringify(value), ...exceptions].join(', ')
}

type MessageOfModule = `ASTAKOS_AUTH_PROVIDER_${Uppercase<LoginModule>}_${Uppercase<LoginMessage>}`

export const messageSettingName = (message: LoginMessage, module: LoginModule): MessageOfModule =>
  `ASTAKOS_AUTH_PROVIDER_${upper(module)}_${upper(message)}`

function messageSettings(): Record<MessageOfModule, Setting<typeof Text>> {
  const settings = LOGIN_MODULES.flatMap((module) =>
    LOGIN_MESSAGE_NAMES.map((message) => {
      const { help } = LOGIN_MESSAGES[message]
      const words = `${help} the way to sign in \`${module}\`; by default "${standardText(message, module)}".`
      return [messageSettingName(message, module), setting(Text, { default: '', help: words })] as const
    }),
  )
  return Object.fromEntries(settings) as Record<MessageOfModule, Setting<typeof Text>>
}

/** Where a field of a person comes from at a provider, and whether its owner may change it. */
const FieldSource = Type.Tuple([Type.String({ minLength: 1 }), Type.Boolean()])
const FieldSources = Type.Object(
  {
    email: Type.Optional(FieldSource),
    first_name: Type.Optional(FieldSource),
    last_name: Type.Optional(FieldSource),
    affiliation: Type.Optional(FieldSource),
  },
  { additionalProperties: false },
)
export type FieldSources = Static<typeof FieldSources>

export type OtherModule = Exclude<LoginModule, 'local'>
type SourcesOfModule = `ASTAKOS_AUTH_PROVIDER_${Uppercase<OtherModule>}_USER_ATTR_MAP`

export const sourcesSettingName = (module: OtherModule): SourcesOfModule => `ASTAKOS_AUTH_PROVIDER_${upper(module)}_USER_ATTR_MAP`

const OPENID_CLAIMS: FieldSources = {
  email: ['email', true],
  first_name: ['given_name', true],
  last_name: ['family_name', true],
}
const DEFAULT_SOURCES: Record<OtherModule, FieldSources> = {
  ldap: { email: ['mail', false], first_name: ['givenName', false], last_name: ['sn', false] },
  shibboleth: {
    email: ['Shib-Mail', true],
    first_name: ['Shib-InetOrgPerson-givenName', true],
    last_name: ['Shib-Person-surname', true],
    affiliation: ['Shib-EP-Affiliation', true],
  },
  google: OPENID_CLAIMS,
  linkedin: OPENID_CLAIMS,
  oidc: OPENID_CLAIMS,
  twitter: { first_name: ['name', true] },
}

function sourcesSettings(): Record<SourcesOfModule, Setting<typeof FieldSources>> {
  const settings = LOGIN_MODULES.filter((module) => module !== 'local').map((module) => {
    const help = `Attributes of the way to sign in \`${module}\` that become email, first_name, last_name and affiliation of an account, each with whether its owner may change it; what he may not is taken over at each sign-in.`
    return [sourcesSettingName(module), setting(FieldSources, { default: DEFAULT_SOURCES[module], help })] as const
  })
  return Object.fromEntries(settings) as Record<SourcesOfModule, Setting<typeof FieldSources>>
}

export const loginSettings = {
  ASTAKOS_IM_MODULES: setting(Type.Array(Type.Enum([...LOGIN_MODULES]), { minItems: 1, uniqueItems: true }), {
    default: ['local'],
    help: `Ways to sign in, the one that is offered first at the beginning: ${LOGIN_MODULES.map((name) => `\`${name}\` (${MODULE_TITLES[name]})`).join(', ')}.`,
  }),
  ASTAKOS_ENABLE_LOCAL_ACCOUNT_MIGRATION: setting(Flag, {
    default: true,
    help: 'Whether visitors with an identity that no account has may give it to the account they have, by signing in to it.',
  }),
  ...policySettings(),
  ...messageSettings(),
  ...sourcesSettings(),
}

/** What a layer of settings says about the policies of a module. */
export function policiesIn(settings: Readonly<Record<string, unknown>>, module: LoginModule, ofAll: boolean): Partial<Policies> {
  const values = POLICY_NAMES.map((policy) => [policy, settings[policySettingName(policy, ofAll ? undefined : module)]] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== null && value !== undefined))
}
