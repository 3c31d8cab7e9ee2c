// What can be done to a server, and why not now.
import type { Server } from '@synnefo/clients/compute'
import { describeState, isChanging } from './servers.ts'

export type Action = 'START' | 'STOP' | 'REBOOT' | 'DESTROY' | 'CONSOLE' | 'RENAME'

const NEEDS: Partial<Record<Action, { status: Server['status']; reason: string }>> = {
  START: { status: 'STOPPED', reason: 'Only a stopped server can be started' },
  STOP: { status: 'ACTIVE', reason: 'Only a running server can be shut down' },
  REBOOT: { status: 'ACTIVE', reason: 'Only a running server can be rebooted' },
  CONSOLE: { status: 'ACTIVE', reason: 'Only a running server has a console' },
}

/** Why the action cannot begin now, in words for the person; undefined when it can. */
export function refusal(action: Action, server: Server): string | undefined {
  if (server.suspended) return 'This server has been suspended by an administrator'
  if (server['SNF:task_state'] === 'DESTROYING') return 'This server is being deleted'
  if (action === 'DESTROY' || action === 'RENAME') return undefined
  if (server.status === 'ERROR') return 'A server in error can only be deleted'
  if (isChanging(server)) return `Wait until it is done: ${describeState(server).text.toLowerCase()}`
  const need = NEEDS[action]
  return need === undefined || need.status === server.status ? undefined : need.reason
}
