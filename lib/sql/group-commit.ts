// One transaction, and so one flush to disk, for all that came while the last one was under way. An item is answered
// when it is durable; the next transaction begins before that, when this one is committed.
import type { Db, Tx } from './database.ts'
import { isDatabaseUnavailable, isOfTheSystem, isRetryable } from './errors.ts'
import { openTogether, type TogetherOptions } from './together.ts'

export interface GroupCommitOptions<Item, Result>
  extends Pick<TogetherOptions<Item, Result>, 'atOnce' | 'atMost' | 'patienceMillis'> {
  db: Pick<Db, 'transactionBeforeFlush'>
  /** What became of each item, in their order. A rejected one must have changed nothing. */
  work: (tx: Tx, items: readonly Item[]) => Promise<PromiseSettledResult<Result>[]>
}

/** Answers a function that does one item, in a transaction shared with others. */
export function openGroupCommit<Item, Result>({ db, work, ...options }: GroupCommitOptions<Item, Result>) {
  type TellAfter = (truth: Promise<unknown>) => void
  async function commit(items: readonly Item[], tellAfter: TellAfter) {
    const { result, durable } = await db.transactionBeforeFlush((tx) => work(tx, items))
    tellAfter(durable)
    return result
  }

  async function commitAll(items: readonly Item[], tellAfter: TellAfter): Promise<readonly PromiseSettledResult<Result>[]> {
    try {
      return await commit(items, tellAfter)
    } catch (error) {
      if (items.length === 1 || isDatabaseUnavailable(error) || isRetryable(error) || isOfTheSystem(error)) throw error
    }
    // One of them cannot be done; alone, only that one fails.
    const outcomes: PromiseSettledResult<Result>[] = []
    for (const item of items)
      outcomes.push(...(await commit([item], tellAfter).catch((reason) => [{ status: 'rejected' as const, reason }])))
    return outcomes
  }

  return openTogether<Item, Result>({ work: commitAll, ...options })
}
