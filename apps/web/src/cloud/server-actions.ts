import type { Server } from '@synnefo/clients/compute'
import { type Action, conditionOf, refusal } from '@synnefo/compute/wire/server-states.ts'

/** Why the action cannot begin now, in the words with which the cloud would refuse it; undefined when it can. */
export function refusalOf(action: Action, server: Server): string | undefined {
  return refusal(action, conditionOf(server))?.message
}
