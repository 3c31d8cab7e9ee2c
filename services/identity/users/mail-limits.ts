// What strangers may have mailed: so much from one network address, and so little to one mailbox.
import { setTimeout as delay } from 'node:timers/promises'
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

/** Longer than looking for an account and writing a mail takes. */
const LEAST_MS = 150

/** Takes as long when there is nothing to mail: how long it takes would tell who has an account. */
export async function evenly(work: () => Promise<void>): Promise<void> {
  await Promise.all([work(), delay(LEAST_MS)])
}
