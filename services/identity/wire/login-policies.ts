// What may be done with a way to sign in. Operators set each policy for all modules, for one module, or by profiles for
// people and groups; the later of these layers wins.
import type { LoginModule } from './login-modules.ts'

export interface Policies {
  login: boolean
  create: boolean
  add: boolean
  remove: boolean
  limit: number
  switch: boolean
  required: boolean
  automoderate: boolean
  autoverify: boolean
  add_groups: readonly string[]
  creation_groups: readonly string[]
  mirror_groups: boolean
}

export type Policy = keyof Policies

interface PolicyRule<Value> {
  kind: 'flag' | 'count' | 'groups'
  /** What holds where nobody says otherwise. */
  value: Value
  /** What holds for single modules where nobody says otherwise. */
  of?: Partial<Record<LoginModule, Value>>
  /** The modules that it means something for; all of them when it is not said. */
  modules?: readonly LoginModule[]
  /** Whether profiles may set it for people and groups. */
  inProfiles?: true
  /** Says what it decides, after "Whether" or "Groups". */
  help: string
}

export const POLICIES: { readonly [P in Policy]: PolicyRule<Policies[P]> } = {
  login: { kind: 'flag', value: true, inProfiles: true, help: 'Whether people may sign in with' },
  create: { kind: 'flag', value: true, inProfiles: true, help: 'Whether accounts may be made with' },
  add: { kind: 'flag', value: true, inProfiles: true, help: 'Whether an account may be given' },
  remove: { kind: 'flag', value: true, inProfiles: true, help: 'Whether an account may do without, once it has,' },
  limit: { kind: 'count', value: 1, inProfiles: true, help: 'How many identities an account may have of' },
  switch: {
    kind: 'flag',
    value: true,
    of: { local: false, ldap: false, shibboleth: false },
    inProfiles: true,
    help: 'Whether an identity may be exchanged for another of',
  },
  required: { kind: 'flag', value: false, inProfiles: true, help: 'Whether people are sent to their profile until they add' },
  // Without moderation everybody is let in, so nobody asks; `configuredPolicies` says so.
  automoderate: { kind: 'flag', value: false, inProfiles: true, help: 'Whether no moderator is needed for accounts made with' },
  autoverify: { kind: 'flag', value: false, help: 'Whether no mail needs to confirm an address that comes from' },
  add_groups: { kind: 'groups', value: [], help: 'Groups that an account is in while it has' },
  creation_groups: { kind: 'groups', value: [], help: 'Groups that an account joins that was made with' },
  mirror_groups: {
    kind: 'flag',
    value: false,
    modules: ['ldap'],
    help: "Whether at each sign-in an account's groups become those of",
  },
}

export const POLICY_NAMES = Object.keys(POLICIES) as Policy[]

export type ProfilePolicy = 'add' | 'remove' | 'create' | 'login' | 'limit' | 'required' | 'automoderate' | 'switch'
/** In the order in which operators know them. */
export const PROFILE_POLICIES: readonly ProfilePolicy[] = [
  'add',
  'remove',
  'create',
  'login',
  'limit',
  'required',
  'automoderate',
  'switch',
]

/** What there is of the ways to sign in to an account. */
export interface LinkFacts {
  /** All that work. */
  active: number
  /** Those of the module in question. */
  ofModule: number
}

/** What the owner of an account may do about a module's links, and whether the present one may go. */
export function allowedChanges({ add, remove, limit, switch: exchange }: Policies, { active, ofModule }: LinkFacts) {
  const mayAdd = add && ofModule < limit
  const mayRemove = remove && active > 1
  // Who may not have a second one beside it may exchange it, unless he can as well remove it and add the other.
  return { add: mayAdd, remove: mayRemove, switch: exchange && (mayAdd || !mayRemove) }
}
