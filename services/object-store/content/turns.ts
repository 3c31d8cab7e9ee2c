/** One after the other in order of arrival, for each key on its own. */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function openTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    take(key, work) {
      const turn = (last.get(key) ?? Promise.resolve()).then(work)
      const settled = turn.catch(() => undefined)
      last.set(key, settled)
      void settled.then(() => {
        if (last.get(key) === settled) last.delete(key)
      })
      return turn
    },
  }
}
