export interface UserState {
  emailVerified: boolean
  moderated: boolean
  isRejected: boolean
  rejectedReason: string
  isActive: boolean
  deactivatedReason: string
  acceptedPolicy: string | null
}

/** Where an account is in its life, in the words that staff know. */
export function describeStatus(user: UserState): string {
  if (!user.emailVerified) return 'Pending email verification'
  if (!user.moderated) return 'Pending moderation'
  if (user.isRejected) return `Rejected (${user.rejectedReason})`
  const accepted = user.acceptedPolicy === 'manual' ? 'manually accepted' : `accepted policy: ${user.acceptedPolicy}`
  return user.isActive ? `Accepted/Active (${accepted})` : `Accepted/Inactive (${user.deactivatedReason}) (${accepted})`
}
