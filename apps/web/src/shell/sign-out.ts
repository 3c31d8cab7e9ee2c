import type { NavigateFunction } from 'react-router'
import { identity } from '../cloud/connection.ts'

let leaving = false

/** Whether the person is signing out: then the end of the session is no surprise, and nobody is led back to where he was. */
export const isLeaving = () => leaving

/** Ends the session and leaves the page, so that nothing of one person stays in memory for the next. */
export async function signOut() {
  leaving = true
  const left = await identity.signOut().catch(() => undefined)
  location.assign(left?.next ?? '/signin')
}

/** Where to sign in, and come back from. */
export function signInAddress(from: string): string {
  return from === '/' ? '/signin' : `/signin?next=${encodeURIComponent(from)}`
}

/** Addresses of this page; others below these names are the cloud's own, such as those by which programs sign people in. */
const CLASSIC_PAGE = /^\/(astakos|pithos|cyclades)\/ui(\/|$)/
const OF_THE_CLOUD = /^\/(astakos|pithos|cyclades)\//

/** Whether the page can show an address itself; otherwise the browser has to go there. */
export const isOwnPage = (address: string) =>
  address.startsWith('/') && (CLASSIC_PAGE.test(address) || !OF_THE_CLOUD.test(address)) && !address.startsWith('/signin')

/** Goes on after signing in, within this page where it can. */
export async function goOn(next: string | null, navigate: NavigateFunction): Promise<void> {
  const address = await nextAddress(next)
  if (isOwnPage(address)) await navigate(address, { replace: true })
  else location.replace(address)
}

/** Where to go on; the cloud says which addresses may be. */
export async function nextAddress(next: string | null): Promise<string> {
  const address = await identity.goOn(next)
  return address.startsWith('/signin') ? '/' : address
}
