// Whether the cloud answers and has room, as learnt from the answers to ordinary calls.
import { useSyncExternalStore } from 'react'

export interface Health {
  answers: boolean
  full: boolean
}

let health: Health = { answers: true, full: false }
const listeners = new Set<() => void>()

export function learn(news: Partial<Health>) {
  if (Object.entries(news).every(([key, value]) => health[key as keyof Health] === value)) return
  health = { ...health, ...news }
  for (const tell of listeners) tell()
}

export function useHealth(): Health {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => health,
  )
}
