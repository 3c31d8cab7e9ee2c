// What to do next about a server, from facts alone: what it waits for, and what its backend shows. No database, no
// backend: this is the whole state machine of the reconciler as one function.
import type { InstanceFacts } from '@synnefo/engine-hypervisor'
import type { ServerRow } from '../store/servers.ts'

export type Step =
  | { do: 'nothing' }
  /** Ask the backend for what the server waits for; asking again is harmless. */
  | { do: 'ask' }
  | { do: 'progress'; percent: number; step: string }
  | { do: 'finish'; operstate: 'STARTED' | 'STOPPED' }
  | { do: 'finish-removal' }
  | { do: 'fail'; reason: string }
  /** It changed without our asking. */
  | { do: 'notice'; operstate: 'STARTED' | 'STOPPED'; why?: string }
  /** It should be there and is not. Reported; nothing is concluded. */
  | { do: 'missing' }

const NOTHING: Step = { do: 'nothing' }
const GONE = 'The machine no longer exists on its backend.'

export type Waiting = Pick<ServerRow, 'task' | 'intent' | 'operstate'>

export function nextStep(server: Waiting, facts: InstanceFacts | undefined): Step {
  const { task } = server
  if (task === null) return withoutTask(server, facts)
  const wish = facts?.intents.get(server.intent!)
  if (task === 'DESTROY') {
    if (!facts) return { do: 'finish-removal' }
    if (wish?.state === 'failed') return { do: 'fail', reason: wish.reason ?? 'The backend could not remove the machine.' }
    return wish?.state === 'running' ? NOTHING : { do: 'ask' }
  }
  if (!facts) return task === 'BUILD' ? { do: 'ask' } : { do: 'fail', reason: GONE }
  if (!wish) return { do: 'ask' }
  if (wish.state === 'running') {
    return task === 'BUILD' ? { do: 'progress', percent: facts.progressPercent ?? 0, step: facts.progressStep ?? '' } : NOTHING
  }
  if (wish.state === 'failed') return { do: 'fail', reason: wish.reason ?? 'The backend gave no reason.' }
  // Done, whatever the machine did since: what it does now is noticed at the next look.
  return { do: 'finish', operstate: task === 'STOP' ? 'STOPPED' : 'STARTED' }
}

function withoutTask({ operstate }: Waiting, facts: InstanceFacts | undefined): Step {
  if (operstate === 'ERROR' || operstate === 'DESTROYED') return NOTHING
  if (!facts) return { do: 'missing' }
  if (operstate === 'STARTED' && facts.power === 'off') {
    return { do: 'notice', operstate: 'STOPPED', ...(facts.stoppedBecause === undefined ? {} : { why: facts.stoppedBecause }) }
  }
  if (operstate === 'STOPPED' && facts.power === 'on') return { do: 'notice', operstate: 'STARTED' }
  return NOTHING
}
