import type { Claims } from './claims.ts'

/** A way to sign in for which the browser goes elsewhere and comes back. */
export interface RedirectProvider {
  /** Where the browser goes, and what must be known when it comes back. `force`: the provider shall ask who it is. */
  begin(callback: URL, options: { force: boolean }): Promise<{ address: URL; memory: Record<string, string> }>
  /** Who came back. Throws a Fault in words for the person. */
  finish(address: URL, memory: Readonly<Record<string, string>>): Promise<Claims>
}
