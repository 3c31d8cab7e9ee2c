import type { Identity } from '../../identity.ts'

/** Where to go on, as a path of this cloud; the start page when `next` leads anywhere else. */
export function safeNext(identity: Identity, next: string | undefined): string {
  if (!next) return '/'
  const base = new URL(`${identity.baseUrl()}/`)
  const target = URL.parse(next, base.href)
  if (target?.origin !== base.origin || target.pathname.startsWith('//')) return '/' // a path that begins with // names a host
  return `${target.pathname}${target.search}${target.hash}`
}
