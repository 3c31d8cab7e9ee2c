// The states of memberships, and what leads from one to another: who may do what, from where, under which conditions.
import { ALIVE, INITIALIZED, type Policy, type ProjectState } from './project-states.ts'

export const MEMBERSHIP_STATES = [
  'requested',
  'accepted',
  'leave_requested',
  'suspended',
  'rejected',
  'cancelled',
  'removed',
] as const
export type MembershipState = (typeof MEMBERSHIP_STATES)[number]

/** These take a place in the project. */
export const ACCEPTED_LIKE: readonly MembershipState[] = ['accepted', 'leave_requested', 'suspended']
/** These may use what the project grants. */
export const ACTUALLY_ACCEPTED: readonly MembershipState[] = ['accepted', 'leave_requested']

export const MEMBERSHIP_ACTIONS = [
  'join',
  'enroll',
  'accept',
  'reject',
  'cancel',
  'leave',
  'remove',
  'suspend',
  'unsuspend',
  'deny_leave',
  'cancel_leave',
] as const
export type MembershipAction = (typeof MEMBERSHIP_ACTIONS)[number]

/** Those of the API; the others are for pages. */
export const API_MEMBERSHIP_ACTIONS = ['leave', 'cancel', 'accept', 'reject', 'remove'] as const

/** `none`: there never was a membership. */
export type Standing = MembershipState | 'none'

const NOT_IN: readonly Standing[] = ['none', 'rejected', 'cancelled', 'removed']

export interface MembershipRule {
  from: readonly Standing[]
  to: MembershipState
  /** Beside project admins, who may do everything but join for somebody else. */
  by: 'self' | 'owner' | 'admin'
  project: readonly ProjectState[]
  /** This policy of the project must not be closed. */
  policy?: 'join' | 'leave'
  /** Where this policy of the project is `auto`, the action needs nobody's consent and leads there at once. */
  auto?: MembershipState
  /** Takes a place, so there must be one. */
  takesPlace?: boolean
  /** The person must be able to use it. */
  needsActivePerson?: boolean
}

export const MEMBERSHIP_RULES: Record<MembershipAction, MembershipRule> = {
  join: { from: NOT_IN, to: 'requested', by: 'self', project: ALIVE, policy: 'join', auto: 'accepted' },
  enroll: {
    from: [...NOT_IN, 'requested'],
    to: 'accepted',
    by: 'owner',
    project: ALIVE,
    policy: 'join',
    takesPlace: true,
    needsActivePerson: true,
  },
  accept: {
    from: ['requested'],
    to: 'accepted',
    by: 'owner',
    project: ALIVE,
    policy: 'join',
    takesPlace: true,
    needsActivePerson: true,
  },
  reject: { from: ['requested'], to: 'rejected', by: 'owner', project: ALIVE },
  cancel: { from: ['requested'], to: 'cancelled', by: 'self', project: ALIVE },
  leave: { from: ACCEPTED_LIKE, to: 'leave_requested', by: 'self', project: ALIVE, policy: 'leave', auto: 'removed' },
  remove: { from: ACCEPTED_LIKE, to: 'removed', by: 'owner', project: ALIVE, policy: 'leave' },
  suspend: { from: ACTUALLY_ACCEPTED, to: 'suspended', by: 'admin', project: INITIALIZED },
  unsuspend: { from: ['suspended'], to: 'accepted', by: 'admin', project: INITIALIZED },
  deny_leave: { from: ['leave_requested'], to: 'accepted', by: 'owner', project: ALIVE },
  cancel_leave: { from: ['leave_requested'], to: 'accepted', by: 'self', project: ALIVE },
}

export interface MembershipFacts {
  state: Standing
  projectState: ProjectState
  joinPolicy: Policy
  leavePolicy: Policy
  /** Fewer members than the project may have. */
  hasRoom: boolean
  isPersonActive: boolean
}

/** Why the action cannot begin now, in words for the user; undefined when it can. */
export function membershipRefusal(action: MembershipAction, facts: MembershipFacts): string | undefined {
  const rule = MEMBERSHIP_RULES[action]
  const named = action.replace('_', ' ')
  if (!rule.project.includes(facts.projectState)) return `Cannot ${named}: the project is ${facts.projectState}`
  if (!rule.from.includes(facts.state)) {
    const standing = facts.state === 'none' ? 'there is no membership' : `the membership is ${facts.state}`
    return action === 'join' || action === 'enroll' ? `Already a member: ${standing}` : `Cannot ${named}: ${standing}`
  }
  if (rule.policy && policyOf(rule.policy, facts) === 'closed') return `Cannot ${named}: the ${rule.policy} policy is closed`
  if (rule.needsActivePerson && !facts.isPersonActive) return `Cannot ${named}: the person's account is not active`
  if (rule.takesPlace && !facts.hasRoom) return `Cannot ${named}: the project has as many members as it may have`
  return undefined
}

/** Where an action that is not refused leads. Whoever may come in at once but finds no place has asked for one. */
export function nextMembershipState(action: MembershipAction, facts: MembershipFacts): MembershipState {
  const { to, auto, policy } = MEMBERSHIP_RULES[action]
  if (!auto || policyOf(policy!, facts) !== 'auto') return to
  return action === 'join' && !facts.hasRoom ? to : auto
}

const policyOf = (policy: 'join' | 'leave', facts: MembershipFacts) => (policy === 'join' ? facts.joinPolicy : facts.leavePolicy)

export interface Relation {
  /** It is the person's own membership. */
  isSelf: boolean
  isOwner: boolean
  /** A project admin, or an operator. */
  isAdmin: boolean
}

export function mayAct(action: MembershipAction, { isSelf, isOwner, isAdmin }: Relation): boolean {
  if (action === 'join') return isSelf
  if (isAdmin) return true
  const { by } = MEMBERSHIP_RULES[action]
  return by === 'self' ? isSelf : by === 'owner' ? isOwner : false
}

/** What may be done about an existing membership now. Whether there is room is known only when it is tried. */
export function allowedMembershipActions<Action extends MembershipAction>(
  actions: readonly Action[],
  facts: Omit<MembershipFacts, 'hasRoom' | 'isPersonActive'>,
  relation: Relation,
): Action[] {
  const now = { ...facts, hasRoom: true, isPersonActive: true }
  return actions.filter((action) => mayAct(action, relation) && membershipRefusal(action, now) === undefined)
}
