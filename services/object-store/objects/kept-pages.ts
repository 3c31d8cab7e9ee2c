// Pages of listings, kept as they were sent. Programs that follow a container ask for the same pages again and again; as
// long as nothing in the container changed, which comes with the look at the container that every listing begins with,
// the page need not be made anew.
import { LRUCache } from 'lru-cache'
import type { ContainerFacts } from '../store/containers.ts'

/** All pages together, with what keeping each costs besides. */
const MOST_BYTES = 32 * 1024 * 1024
const BESIDES_BYTES = 512
/** What asks for more than this, nobody asks for again. */
const LONGEST_QUESTION = 1000

/** What shows whether a page still stands. Taken before the page is made: so a page is never older than its mark says. */
export type Mark = Pick<ContainerFacts, 'id' | 'changes' | 'changedAt' | 'modifiedAt'>

export interface KeptPages {
  /** The page that this question had, if nothing in the container changed since. */
  find(container: Mark, question: string): Buffer | undefined
  keep(container: Mark, question: string, page: Buffer): void
}

interface KeptPage {
  mark: Mark
  page: Buffer
}

const isSame = (a: Mark, b: Mark) =>
  a.changes === b.changes && a.changedAt.getTime() === b.changedAt.getTime() && a.modifiedAt.getTime() === b.modifiedAt.getTime()

export function openKeptPages(mostBytes = MOST_BYTES): KeptPages {
  const pages = new LRUCache<string, KeptPage>({
    maxSize: mostBytes,
    maxEntrySize: mostBytes / 4,
    sizeCalculation: ({ page }, key) => page.length + 2 * key.length + BESIDES_BYTES,
  })

  return {
    find(container, question) {
      const kept = pages.get(`${container.id} ${question}`)
      return kept && isSame(kept.mark, container) ? kept.page : undefined
    },
    keep({ id, changes, changedAt, modifiedAt }, question, page) {
      if (question.length > LONGEST_QUESTION) return
      // In memory of its own: a small buffer is part of a larger one, which it would keep from being freed.
      const own = Buffer.allocUnsafeSlow(page.length)
      page.copy(own)
      pages.set(`${id} ${question}`, { mark: { id, changes, changedAt, modifiedAt }, page: own })
    },
  }
}
