/** Lets a number of holders in at once; the others wait in order. */
export interface Gate {
  enter(): Promise<void>
  /** Enters if nobody has to wait. */
  tryEnter(): boolean
  leave(): void
}

export function openGate(places: number): Gate {
  let free = places
  const waiting: (() => void)[] = []
  return {
    async enter() {
      if (free > 0) free -= 1
      else await new Promise<void>((admit) => waiting.push(admit))
    },
    tryEnter() {
      if (free === 0) return false
      free -= 1
      return true
    },
    leave() {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    },
  }
}
