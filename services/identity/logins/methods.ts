// Which ways to sign in there are: for visitors, and for a person what he has and what he may do about it.
import type { Queryable } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { type AuthProviderRow, authProvidersOf } from '../store/auth-providers.ts'
import { isLoginModule, type LoginMethod, type LoginModule } from '../wire/login-modules.ts'
import { allowedChanges } from '../wire/login-policies.ts'
import { countLinks } from './links.ts'
import { loginMessage } from './messages.ts'
import { policiesFor } from './policies.ts'

/** Modules that ask for a name and a password on a page of ours. */
const ASK_PASSWORD: readonly LoginModule[] = ['local', 'ldap']

export const loginAddress = (module: LoginModule) => `/astakos/ui/login/${module}`

/** Where a person who is signed in adds an identity. */
const addAddress = (module: LoginModule) => (module === 'ldap' ? `${loginAddress(module)}/add` : loginAddress(module))

/** What a visitor is offered, the primary method first. */
export async function loginMethods({ settings, db }: Pick<Identity, 'settings' | 'db'>): Promise<LoginMethod[]> {
  const policies = await policiesFor({ settings }, db)
  return settings.ASTAKOS_IM_MODULES.map((module) => {
    const { login, create } = policies(module)
    return {
      module,
      title: loginMessage(settings, module, 'title'),
      prompt: loginMessage(settings, module, 'method_prompt'),
      asksPassword: ASK_PASSWORD.includes(module),
      address: loginAddress(module),
      login,
      create,
    }
  })
}

export interface OwnLogin {
  id: bigint
  module: LoginModule
  title: string
  details: string
  lastLoginAt: Date | null
  mayRemove: boolean
  /** Where an exchange for another identity begins, when it may. */
  switchAddress: string | null
}

export interface OwnLogins {
  enabled: OwnLogin[]
  /** Linked, and no way to sign in for the time being. */
  disabled: OwnLogin[]
  available: { module: LoginModule; title: string; prompt: string; asksPassword: boolean; address: string }[]
  missing: MissingLogin[]
}

export async function ownLogins(identity: Identity, db: Queryable, userId: bigint): Promise<OwnLogins> {
  const { settings } = identity
  const offered: readonly LoginModule[] = settings.ASTAKOS_IM_MODULES
  const policies = await policiesFor(identity, db, userId)
  const links = await authProvidersOf(db, userId)
  const changesOf = (module: LoginModule) => allowedChanges(policies(module), countLinks(identity, links, module))
  const works = ({ module, isActive }: AuthProviderRow) =>
    isActive && isLoginModule(module) && offered.includes(module) && policies(module).login

  const described = links.flatMap((link) => {
    const { id, module, lastLoginAt } = link
    if (!isLoginModule(module)) return []
    const { remove, switch: exchange } = changesOf(module)
    const enabled = works(link)
    const isLast = !links.some((other) => other.id !== id && works(other))
    return [
      {
        enabled,
        login: {
          id,
          module,
          title: loginMessage(settings, module, 'title'),
          details: describe(identity, link, module),
          lastLoginAt,
          mayRemove: enabled ? remove && !isLast : policies(module).remove && !isLast,
          switchAddress: exchange && offered.includes(module) ? `${addAddress(module)}?switch_from=${id}` : null,
        },
      },
    ]
  })
  return {
    enabled: described.filter(({ enabled }) => enabled).map(({ login }) => login),
    disabled: described.filter(({ enabled }) => !enabled).map(({ login }) => login),
    available: offered
      .filter((module) => changesOf(module).add)
      .map((module) => ({
        module,
        title: loginMessage(settings, module, 'title'),
        prompt: loginMessage(settings, module, 'add_prompt'),
        asksPassword: ASK_PASSWORD.includes(module),
        address: `${addAddress(module)}?force_login=1`,
      })),
    missing: missing(identity, policies, links),
  }
}

function describe({ settings }: Identity, { identifier, info }: AuthProviderRow, module: LoginModule): string {
  if (module === 'local') return loginMessage(settings, module, 'title')
  const name = [info['screen_name'], info['preferred_username'], info['email'], info['username']].find(
    (each) => typeof each === 'string' && each !== '',
  )
  return loginMessage(settings, module, 'method_details', { identifier: String(name ?? identifier) })
}

export interface MissingLogin {
  module: LoginModule
  message: string
}

/** Ways to sign in that the person has to add before he goes on. */
export async function missingLogins(identity: Identity, db: Queryable, userId: bigint): Promise<MissingLogin[]> {
  return missing(identity, await policiesFor(identity, db, userId), await authProvidersOf(db, userId))
}

function missing(
  { settings }: Identity,
  policies: Awaited<ReturnType<typeof policiesFor>>,
  links: readonly AuthProviderRow[],
): MissingLogin[] {
  return settings.ASTAKOS_IM_MODULES.filter(
    (module) => policies(module).required && !links.some((link) => link.module === module && link.isActive),
  ).map((module) => ({ module, message: loginMessage(settings, module, 'required') }))
}
