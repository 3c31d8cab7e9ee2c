import { identity } from '../cloud/connection.ts'

/** Ends the session and leaves the page, so that nothing of one person stays in memory for the next. */
export async function signOut() {
  await identity.signOut().catch(() => undefined)
  location.assign('/signin')
}

/** Where to sign in, and come back from. */
export function signInAddress(from: string): string {
  return from === '/' ? '/signin' : `/signin?next=${encodeURIComponent(from)}`
}

/** An address inside this page, or its front: never another host. */
export function safeNext(next: string | null): string {
  if (next === null || !URL.canParse(next, location.origin)) return '/'
  const { origin, pathname, search, hash } = new URL(next, location.origin)
  return origin === location.origin && !pathname.startsWith('/signin') ? `${pathname}${search}${hash}` : '/'
}
