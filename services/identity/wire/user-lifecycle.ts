// Where an account is in its life, and which steps follow from there: one table for the service, its commands and pages.
import type { UserState } from './user-status.ts'

export type UserStage = 'unverified' | 'pending' | 'rejected' | 'active' | 'inactive'

export const USER_STAGES: readonly UserStage[] = ['unverified', 'pending', 'rejected', 'active', 'inactive']

export function stageOf(user: Pick<UserState, 'emailVerified' | 'moderated' | 'isRejected' | 'isActive'>): UserStage {
  if (!user.emailVerified) return 'unverified'
  if (!user.moderated) return 'pending'
  if (user.isRejected) return 'rejected'
  return user.isActive ? 'active' : 'inactive'
}

export type UserStep =
  | 'sendVerification'
  | 'verify'
  | 'accept'
  | 'reject'
  | 'activate'
  | 'deactivate'
  | 'setDefaultProject'
  | 'requestEmailChange'
  | 'setEmail'
  | 'remove'

type Reasons = Partial<Record<UserStage, string>>

const UNVERIFIED = 'the address is not verified'
const VERIFIED = 'the address is verified already'
const UNMODERATED = 'the account is not moderated'
const MODERATED = 'the account is moderated already'
const REJECTED = 'the account is rejected'
const ACCEPTED = 'the account is accepted already'
const INACTIVE = 'the account is not active'

/** Why a step cannot be taken from a stage; where there is no reason, it can. */
const REFUSED: Readonly<Record<UserStep, Reasons>> = {
  sendVerification: { pending: VERIFIED, rejected: VERIFIED, active: VERIFIED, inactive: VERIFIED },
  verify: { pending: VERIFIED, rejected: VERIFIED, active: VERIFIED, inactive: VERIFIED },
  accept: { unverified: UNVERIFIED, active: ACCEPTED, inactive: ACCEPTED },
  reject: { unverified: UNVERIFIED, rejected: MODERATED, active: MODERATED, inactive: MODERATED },
  activate: { unverified: UNVERIFIED, pending: UNMODERATED, rejected: REJECTED, active: 'the account is active already' },
  deactivate: { unverified: UNVERIFIED, pending: UNMODERATED, rejected: REJECTED },
  setDefaultProject: { unverified: UNVERIFIED, pending: UNMODERATED, rejected: REJECTED, inactive: INACTIVE },
  requestEmailChange: { unverified: UNVERIFIED, pending: UNMODERATED, rejected: REJECTED, inactive: INACTIVE },
  setEmail: { active: 'the account is active: deactivate it first' },
  remove: {
    active: 'the account is accepted; it can be deactivated, not deleted',
    inactive: 'the account is accepted; it can be deactivated, not deleted',
  },
}

export const USER_STEPS = Object.keys(REFUSED) as UserStep[]

export const refusalOf = (step: UserStep, stage: UserStage): string | undefined => REFUSED[step][stage]
