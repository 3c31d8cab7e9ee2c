import type { Identity } from '../../identity.ts'

/**
 * Where to go on after signing in: an address of this cloud, as a path, or one on the domain that shares its cookie. What
 * leads anywhere else is not followed; then, and when nothing is asked for, it goes to `otherwise`, which the operator
 * chose.
 */
export function safeNext(identity: Identity, next: string | undefined, otherwise = afterSignIn(identity)): string {
  if (!next) return otherwise
  const base = new URL(`${identity.baseUrl()}/`)
  const target = URL.parse(next, base.href)
  if (target === null || target.username !== '' || target.password !== '') return otherwise
  if (target.origin === base.origin) {
    if (target.pathname.startsWith('//')) return otherwise // a path that begins with // names a host
    return `${target.pathname}${target.search}${target.hash}`
  }
  return isOnOurDomain(identity, base, target) ? target.href : otherwise
}

export const afterSignIn = ({ settings }: Identity): string => settings.ASTAKOS_LOGIN_SUCCESS_URL || '/'

export const afterSignOut = ({ settings }: Identity): string => settings.ASTAKOS_LOGOUT_NEXT || '/'

function isOnOurDomain({ settings }: Identity, base: URL, { protocol, hostname }: URL): boolean {
  const domain = settings.ASTAKOS_COOKIE_DOMAIN.replace(/^\./, '').toLowerCase()
  if (domain === '' || (protocol !== 'https:' && protocol !== base.protocol)) return false
  if (protocol !== 'https:' && protocol !== 'http:') return false
  return hostname === domain || hostname.endsWith(`.${domain}`)
}
