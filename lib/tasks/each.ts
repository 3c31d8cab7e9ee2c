export interface EachOptions {
  /** How many items are worked at the same time. */
  atOnce: number
}

/** Works through items with bounded concurrency. An error of `work` stops what has not begun and is thrown; a task that must go on catches its own. */
export async function eachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { atOnce }: EachOptions,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failure: { error: unknown } | undefined
  async function worker() {
    while (!failure) {
      const next = await source.next()
      if (next.done) return
      await work(next.value)
    }
  }
  const workers = Array.from({ length: atOnce }, () =>
    worker().catch((error) => {
      failure ??= { error }
    }),
  )
  await Promise.all(workers)
  if (failure) throw failure.error
}
