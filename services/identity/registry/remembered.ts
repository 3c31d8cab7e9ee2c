/** What was asked of the database, for a while: asked once by all who want it, and again after `forget`. */
export interface Remembered<T> {
  get(): Promise<T>
  forget(): void
}

/** An announcement that is lost costs `milliseconds`. */
export function remember<T>(milliseconds: number, ask: () => Promise<T>): Remembered<T> {
  let known: { value: T; until: number } | undefined
  let underWay: Promise<T> | undefined
  return {
    get() {
      if (known && known.until > Date.now()) return Promise.resolve(known.value)
      if (underWay) return underWay
      const asking = ask().then((value) => {
        // What was asked before `forget` is answered to who asked, and not remembered.
        if (underWay === asking) known = { value, until: Date.now() + milliseconds }
        return value
      })
      underWay = asking
      const done = () => {
        if (underWay === asking) underWay = undefined
      }
      asking.then(done, done)
      return asking
    },
    forget() {
      known = undefined
      underWay = undefined
    },
  }
}
