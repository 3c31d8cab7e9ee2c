/** Lets a number of holders in at once; the others wait in order. */
export interface Gate {
  enter(): Promise<void>
  /** Enters if nobody has to wait. */
  tryEnter(): boolean
  leave(): void
}

/** A gate at which nobody takes more than a share of the places: who is slow, or many at once, leaves room for others. */
export interface SharedGate {
  enter(holder: string): Promise<void>
  tryEnter(holder: string): boolean
  leave(holder: string): void
}

export function openSharedGate(places: number, share: number): SharedGate {
  const gate = openGate(places)
  const own = new Map<string, { gate: Gate; holders: number }>()

  function come(holder: string): Gate {
    const mine = own.get(holder) ?? { gate: openGate(share), holders: 0 }
    mine.holders += 1
    own.set(holder, mine)
    return mine.gate
  }
  function go(holder: string): void {
    const mine = own.get(holder)!
    mine.holders -= 1
    if (mine.holders === 0) own.delete(holder)
  }

  return {
    async enter(holder) {
      await come(holder).enter()
      await gate.enter()
    },
    tryEnter(holder) {
      const mine = come(holder)
      if (mine.tryEnter()) {
        if (gate.tryEnter()) return true
        mine.leave()
      }
      go(holder)
      return false
    },
    leave(holder) {
      gate.leave()
      own.get(holder)!.gate.leave()
      go(holder)
    },
  }
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
