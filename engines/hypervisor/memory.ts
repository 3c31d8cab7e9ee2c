// What is remembered about the intents of one instance.
import type { IntentFacts } from './interface.ts'

/** Enough that no caller still waits for one that is forgotten; few enough that facts stay small. */
export const REMEMBERED_INTENTS = 20

/** Notes an intent and forgets the oldest ones that are over. */
export function remember(intents: Map<string, IntentFacts>, intent: string, facts: IntentFacts): void {
  intents.set(intent, facts)
  for (const [old, { state }] of intents) {
    if (intents.size <= REMEMBERED_INTENTS) return
    if (state !== 'running') intents.delete(old)
  }
}
