// What strangers may have mailed: so much from one network address, and so little to one mailbox.
import type { Identity } from '../identity.ts'
import { countAgainst, isWithin } from '../throttle.ts'

export function countSignUp({ db, settings }: Identity, address: string): Promise<void> {
  return countAgainst(db, [
    { key: ['signup', address], atMost: settings.ASTAKOS_RATELIMIT_SIGNUPS_PER_HOUR, windowSeconds: 3600 },
  ])
}

/** Nobody's mailbox is flooded by strangers: a few mails per address and hour, and silence beyond. */
export function mayMail({ db }: Identity, email: string): Promise<boolean> {
  return isWithin(db, { key: ['mail', email], atMost: 5, windowSeconds: 3600 })
}
