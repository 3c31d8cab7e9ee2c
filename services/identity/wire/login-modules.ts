// The ways to sign in that a cloud may offer. Names and identifiers are those of the original, so that links of imported
// accounts stay valid.

export const LOGIN_MODULES = ['local', 'ldap', 'shibboleth', 'google', 'twitter', 'linkedin', 'oidc'] as const
export type LoginModule = (typeof LOGIN_MODULES)[number]

export const isLoginModule = (name: string): name is LoginModule => LOGIN_MODULES.includes(name as LoginModule)

/** How people call them. */
export const MODULE_TITLES: Record<LoginModule, string> = {
  local: 'Password',
  ldap: 'Directory',
  shibboleth: 'Academic',
  google: 'Google',
  twitter: 'Twitter',
  linkedin: 'LinkedIn',
  oidc: 'Single sign-on',
}

/** A way to sign in as visitors are offered it. */
export interface LoginMethod {
  module: LoginModule
  title: string
  /** Label of its button. */
  prompt: string
  /** Whether it asks for a name and a password on our own page; the browser goes to `address` otherwise. */
  asksPassword: boolean
  address: string
  login: boolean
  create: boolean
}
