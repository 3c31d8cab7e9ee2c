// One transaction, and so one flush to disk, for all that came while the last one was under way. Nobody waits for a
// timer: alone, an item runs at once; in a crowd, the crowd is the group. An item is answered after the commit.
import type { Db, Tx } from './database.ts'
import { isDatabaseUnavailable, isRetryable } from './errors.ts'

export interface GroupCommitOptions<Item, Result> {
  db: Pick<Db, 'transaction'>
  /** What became of each item, in their order. A rejected one must have changed nothing. */
  work: (tx: Tx, items: readonly Item[]) => Promise<PromiseSettledResult<Result>[]>
  /** Groups under way at once. With two, one is decided while the other is being made durable. */
  atOnce?: number
  /** Items of one group. */
  atMost?: number
}

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (reason: unknown) => void
}

/** Answers a function that does one item, in a transaction shared with others. */
export function openGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { db, work, atOnce = 2, atMost = 250 } = options
  let queue: Waiting<Item, Result>[] = []
  let underWay = 0
  let starting = false

  function startSoon() {
    if (starting || underWay >= atOnce || queue.length === 0) return
    starting = true
    // Whatever else has arrived with this turn of the event loop comes along.
    setImmediate(() => {
      starting = false
      if (underWay >= atOnce || queue.length === 0) return
      const group = queue.slice(0, atMost)
      queue = queue.slice(atMost)
      underWay += 1
      void run(group).finally(() => {
        underWay -= 1
        startSoon()
      })
      startSoon()
    })
  }

  async function run(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await db.transaction((tx) =>
        work(
          tx,
          group.map(({ item }) => item),
        ),
      )
      group.forEach((waiting, at) => {
        const outcome = outcomes[at]!
        if (outcome.status === 'fulfilled') waiting.resolve(outcome.value)
        else waiting.reject(outcome.reason)
      })
    } catch (error) {
      if (group.length === 1 || isDatabaseUnavailable(error) || isRetryable(error)) {
        for (const { reject } of group) reject(error)
        return
      }
      // One of them cannot be done; alone, only that one fails.
      for (const waiting of group) await run([waiting])
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      startSoon()
    })
}
