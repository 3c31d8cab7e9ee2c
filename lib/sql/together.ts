// Work that costs less together: while some of it is under way, what arrives waits and is the next group. Nobody waits
// for a timer: alone, an item is worked on at once; in a crowd, the crowd is the group.

export interface TogetherOptions<Item, Result> {
  /**
   * What became of each item, in their order. When it throws, it failed for all of them. Nobody is told before what it
   * hands to `tellAfter` has come true, which the next group need not wait for; when that fails, it failed for all.
   */
  work: (items: readonly Item[], tellAfter: (truth: Promise<unknown>) => void) => Promise<readonly PromiseSettledResult<Result>[]>
  /** Groups under way at once, at most, together with those whose truth is still to come: each may hold a connection. */
  atOnce?: number
  /** One group follows the other, which makes them large and cheap. One that takes longer than this, as it waits for somebody's lock, does not hold up the next. */
  patienceMillis?: number
  /** Items of one group. */
  atMost?: number
}

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (reason: unknown) => void
}

/** Answers a function that does one item, together with others. */
export function openTogether<Item, Result>(options: TogetherOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { work, atOnce = 4, patienceMillis = 100, atMost = 250 } = options
  let queue: Waiting<Item, Result>[] = []
  let underWay = 0
  /** Groups that are under way for longer than others should wait. */
  let stuck = 0
  /** Groups that are done and wait for what is to come true. */
  let untold = 0
  let starting = false

  function startSoon() {
    if (starting || underWay + untold >= atOnce || underWay > stuck || queue.length === 0) return
    starting = true
    // Whatever else arrives in this turn of the event loop comes along.
    setImmediate(() => {
      starting = false
      const group = queue.slice(0, atMost)
      queue = queue.slice(atMost)
      void runNext(group)
    })
  }

  async function runNext(group: readonly Waiting<Item, Result>[]): Promise<void> {
    let isStuck = false
    const late = setTimeout(() => {
      isStuck = true
      stuck += 1
      startSoon()
    }, patienceMillis)
    underWay += 1
    const tell = await run(group)
    clearTimeout(late)
    if (isStuck) stuck -= 1
    underWay -= 1
    untold += 1
    startSoon()
    await tell()
    untold -= 1
    startSoon()
  }

  /** Answers how they are told what became of them. */
  async function run(group: readonly Waiting<Item, Result>[]): Promise<() => unknown> {
    const rejectAll = (reason: unknown) => {
      for (const { reject } of group) reject(reason)
    }
    try {
      const truths: Promise<unknown>[] = []
      const outcomes = await work(
        group.map(({ item }) => item),
        (truth) => void truths.push(truth),
      )
      const tellAll = () =>
        group.forEach(({ resolve, reject }, at) => {
          const outcome = outcomes[at]!
          if (outcome.status === 'fulfilled') resolve(outcome.value)
          else reject(outcome.reason)
        })
      return () => Promise.all(truths).then(tellAll, rejectAll)
    } catch (error) {
      return () => rejectAll(error)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      startSoon()
    })
}
