// Pages of listings, kept as they were sent. Programs that follow a container ask for the same pages again and again; as
// long as nothing in the container changed, which comes with the look at the container that every listing begins with,
// the page need not be made anew.
import type { ContainerFacts } from '../store/containers.ts'

/** All pages together. */
const MOST_BYTES = 32 * 1024 * 1024

/** What shows whether a page still stands. Taken before the page is made: so a page is never older than its mark says. */
export type Mark = Pick<ContainerFacts, 'id' | 'changes' | 'modifiedAt'>

export interface KeptPages {
  /** The page that this question had, if nothing in the container changed since. */
  find(container: Mark, question: string): Buffer | undefined
  keep(container: Mark, question: string, page: Buffer): void
}

interface KeptPage {
  changes: bigint
  modifiedAt: number
  page: Buffer
}

export function openKeptPages(mostBytes = MOST_BYTES): KeptPages {
  /** Those used last come last. */
  const pages = new Map<string, KeptPage>()
  let bytes = 0

  function forget(key: string): void {
    bytes -= pages.get(key)?.page.length ?? 0
    pages.delete(key)
  }

  return {
    find({ id, changes, modifiedAt }, question) {
      const key = `${id} ${question}`
      const kept = pages.get(key)
      if (!kept) return undefined
      pages.delete(key)
      pages.set(key, kept)
      return kept.changes === changes && kept.modifiedAt === modifiedAt.getTime() ? kept.page : undefined
    },
    keep({ id, changes, modifiedAt }, question, page) {
      const key = `${id} ${question}`
      forget(key)
      if (page.length > mostBytes / 4) return
      pages.set(key, { changes, modifiedAt: modifiedAt.getTime(), page })
      bytes += page.length
      for (const [oldest] of pages) {
        if (bytes <= mostBytes) break
        forget(oldest)
      }
    },
  }
}
