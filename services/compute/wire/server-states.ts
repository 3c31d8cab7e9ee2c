// The server state machine as tables (compute-api.md §5): asked by the API, the commands and the web page alike.

export type OperState = 'BUILD' | 'ERROR' | 'STOPPED' | 'STARTED' | 'DESTROYED' | 'RESIZE'
export type Status = 'BUILD' | 'ERROR' | 'STOPPED' | 'ACTIVE' | 'DELETED' | 'REBOOT' | 'RESIZE' | 'UNKNOWN'

/** What a server can be waiting for. */
export type Task = 'BUILD' | 'START' | 'STOP' | 'REBOOT' | 'DESTROY'

/** What can be asked of a server. RENAME stands for every change of labels, which needs no machine. */
export type Action = Exclude<Task, 'BUILD'> | 'CONSOLE' | 'RENAME' | 'REASSIGN'

export interface Condition {
  operstate: OperState
  task: Task | null
  deleted: boolean
  suspended: boolean
}

export const TASK_STATES: Record<Task, string> = {
  BUILD: 'BUILDING',
  START: 'STARTING',
  STOP: 'STOPPING',
  REBOOT: 'REBOOTING',
  DESTROY: 'DESTROYING',
}

const STATUSES: Record<OperState, Status> = {
  BUILD: 'BUILD',
  ERROR: 'ERROR',
  STOPPED: 'STOPPED',
  STARTED: 'ACTIVE',
  DESTROYED: 'DELETED',
  RESIZE: 'RESIZE',
}

const ALLOWED_FROM: Record<'START' | 'STOP' | 'REBOOT' | 'CONSOLE', readonly OperState[]> = {
  START: ['STOPPED'],
  STOP: ['STARTED'],
  REBOOT: ['STARTED', 'STOPPED'],
  CONSOLE: ['STARTED'],
}

/** The status that clients see (§5.1). */
export function statusOf({ operstate, task, deleted }: Pick<Condition, 'operstate' | 'task' | 'deleted'>): Status {
  if (deleted) return 'DELETED'
  return operstate === 'STARTED' && task === 'REBOOT' ? 'REBOOT' : STATUSES[operstate]
}

export interface Refusal {
  kind: 'badRequest' | 'forbidden' | 'buildInProgress'
  /** Words for the user. */
  message: string
}

/** Why the action cannot begin now; undefined when it can. Checked in the order of §5.4. */
export function refusal(action: Action, { operstate, task, deleted, suspended }: Condition): Refusal | undefined {
  if (deleted) return { kind: 'badRequest', message: 'This server has been deleted.' }
  if (suspended) return { kind: 'forbidden', message: 'This server was suspended by an administrator.' }
  if (action === 'DESTROY')
    return task === 'DESTROY' ? { kind: 'badRequest', message: 'This server is being deleted.' } : undefined
  if (action === 'RENAME') return undefined
  if (task === 'BUILD') return { kind: 'buildInProgress', message: 'This server is still being built.' }
  if (task !== null)
    return { kind: 'badRequest', message: `This server is busy (${TASK_STATES[task].toLowerCase()}). Try again when it is done.` }
  if (action === 'REASSIGN') return undefined
  if (operstate === 'ERROR') return { kind: 'badRequest', message: 'This server is in error. It can only be deleted.' }
  if (operstate === 'BUILD') return { kind: 'buildInProgress', message: 'This server is still being built.' }
  if (ALLOWED_FROM[action].includes(operstate)) return undefined
  return { kind: 'badRequest', message: WRONG_STATE[action] }
}

const WRONG_STATE: Record<keyof typeof ALLOWED_FROM, string> = {
  START: 'Only a stopped server can be started.',
  STOP: 'Only an active server can be shut down.',
  REBOOT: 'Only an active or stopped server can be rebooted.',
  CONSOLE: 'The console of a server can be opened while it is active.',
}

/** The condition of a server as the API shows it. */
export function conditionOf(server: {
  status: string
  'SNF:task_state': string
  deleted: boolean
  suspended: boolean
}): Condition {
  const states = Object.entries(STATUSES) as [OperState, Status][]
  const tasks = Object.entries(TASK_STATES) as [Task, string][]
  return {
    operstate: server.status === 'REBOOT' ? 'STARTED' : (states.find(([, status]) => status === server.status)?.[0] ?? 'ERROR'),
    task: tasks.find(([, words]) => words === server['SNF:task_state'])?.[0] ?? null,
    deleted: server.deleted,
    suspended: server.suspended,
  }
}

/** The state behind a status that a client filters by; one that no server has is undefined. */
export function operstateOf(status: string): OperState | undefined {
  return (Object.entries(STATUSES) as [OperState, Status][]).find(([, name]) => name === status.toUpperCase())?.[0]
}
