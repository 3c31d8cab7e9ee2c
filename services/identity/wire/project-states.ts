// The states of projects and applications, and what leads from one to another. Tables, so that the API, the commands
// and the web page ask the same question.
export const PROJECT_STATES = ['uninitialized', 'active', 'suspended', 'terminated', 'deleted'] as const
export type ProjectState = (typeof PROJECT_STATES)[number]

/** Approved once: it has limits and holdings. */
export const INITIALIZED: readonly ProjectState[] = ['active', 'suspended', 'terminated']
/** It holds its name, and people may join and leave. */
export const ALIVE: readonly ProjectState[] = ['active', 'suspended']

export const POLICIES = ['auto', 'moderated', 'closed'] as const
export type Policy = (typeof POLICIES)[number]

/** `approve` and `drop` follow from what becomes of an application; `modify` is a change without one. */
export type ProjectAction = 'approve' | 'drop' | 'suspend' | 'unsuspend' | 'terminate' | 'reinstate' | 'modify'

export interface ProjectRule {
  from: readonly ProjectState[]
  /** Undefined: it stays what it is. */
  to: ProjectState | undefined
  /** A system project belongs to its person and cannot end before him. */
  notOfSystem?: boolean
}

export const PROJECT_RULES: Record<ProjectAction, ProjectRule> = {
  approve: { from: ['uninitialized', ...INITIALIZED], to: 'active' },
  drop: { from: ['uninitialized'], to: 'deleted' },
  suspend: { from: ['active'], to: 'suspended' },
  unsuspend: { from: ['suspended'], to: 'active' },
  terminate: { from: ALIVE, to: 'terminated', notOfSystem: true },
  reinstate: { from: ['terminated'], to: 'active' },
  modify: { from: INITIALIZED, to: undefined },
}

/** What operators and project admins ask for by name. */
export const PROJECT_ACTIONS = ['suspend', 'unsuspend', 'terminate', 'reinstate'] as const
export type DirectProjectAction = (typeof PROJECT_ACTIONS)[number]

/** Why the action cannot begin now, in words for the user; undefined when it can. */
export function projectRefusal(action: ProjectAction, project: { state: ProjectState; isBase: boolean }): string | undefined {
  const rule = PROJECT_RULES[action]
  if (rule.notOfSystem && project.isBase) return `Cannot ${action} a system project`
  return rule.from.includes(project.state) ? undefined : `Cannot ${action} a project that is ${project.state}`
}

export const APPLICATION_STATES = ['pending', 'approved', 'replaced', 'denied', 'dismissed', 'cancelled'] as const
export type ApplicationState = (typeof APPLICATION_STATES)[number]

export const APPLICATION_ACTIONS = ['approve', 'deny', 'cancel', 'dismiss'] as const
export type ApplicationAction = (typeof APPLICATION_ACTIONS)[number]

export interface ApplicationRule {
  from: ApplicationState
  to: ApplicationState
  /** Project admins may do all of it. */
  byApplicant: boolean
  /** A pending application counts against its applicant's limit; from here on it does not. */
  releases: boolean
}

export const APPLICATION_RULES: Record<ApplicationAction, ApplicationRule> = {
  approve: { from: 'pending', to: 'approved', byApplicant: false, releases: true },
  deny: { from: 'pending', to: 'denied', byApplicant: false, releases: true },
  cancel: { from: 'pending', to: 'cancelled', byApplicant: true, releases: true },
  dismiss: { from: 'denied', to: 'dismissed', byApplicant: true, releases: false },
}

export interface ApplicationFacts {
  state: ApplicationState
  /** There is no newer one for the project. */
  isLast: boolean
}

export function applicationRefusal(action: ApplicationAction, { state, isLast }: ApplicationFacts): string | undefined {
  if (!isLast) return `Cannot ${action} an application that a newer one has replaced`
  return APPLICATION_RULES[action].from === state ? undefined : `Cannot ${action} an application that is ${state}`
}

/** One word for how things stand, as operators see it: the project's state, told apart by its last application. */
export function overallStatus(state: ProjectState, lastApplication: ApplicationState | null): string {
  if (state === 'uninitialized' && lastApplication === 'pending') return 'Pending'
  if (state === 'uninitialized' && lastApplication === 'denied') return 'Denied'
  if (state === 'deleted' && lastApplication === 'dismissed') return 'Dismissed'
  if (state === 'deleted' && lastApplication === 'cancelled') return 'Cancelled'
  return state[0]!.toUpperCase() + state.slice(1)
}
