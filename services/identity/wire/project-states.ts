export const PROJECT_STATES = ['uninitialized', 'active', 'suspended', 'terminated', 'deleted'] as const
export type ProjectState = (typeof PROJECT_STATES)[number]

export type MembershipState = 'requested' | 'accepted' | 'leave_requested' | 'suspended' | 'rejected' | 'cancelled' | 'removed'
