export type ProjectState = 'uninitialized' | 'active' | 'suspended' | 'terminated' | 'deleted'
export type MembershipState = 'requested' | 'accepted' | 'leave_requested' | 'suspended' | 'rejected' | 'cancelled' | 'removed'
