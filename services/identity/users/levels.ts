import type { IdentitySettings } from '../settings/index.ts'

/** How many invitations an account of this level begins with. The level says how far a person is from the operator. */
export const invitationsAtLevel = ({ ASTAKOS_INVITATIONS_PER_LEVEL: perLevel }: IdentitySettings, level: number) =>
  perLevel[String(level)] ?? 0
