// Blocks that were sent ahead of their object are charged to nobody until the object is there. So a person may have no more
// of them than the largest object that his quota allows.
//
// Adding up what somebody sent takes as long as it is much: so it is done once in a while, and what it leaves room for may
// be used in part before it is done again. Several processes each know their own part: together they may let an eighth
// more in than is right, for each of them.
import { quotasOf } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { ObjectStore } from './open.ts'
import { DISKSPACE } from './quota.ts'
import { bytesSentAhead } from './store/maps.ts'

/** What may be sent without adding up again. */
export interface Allowance {
  left: bigint
  /** Of `performance.now()` */
  until: number
}

const PART = 8n
const GOOD_FOR_MS = 60_000
const REMEMBERED = 10_000

/** Refuses blocks that a person wants to send ahead into a container of this project. `bytes` is undefined when that is not known yet. */
export async function checkSentAhead(
  store: ObjectStore,
  { userId, project }: { userId: string; project: string },
  bytes: bigint | undefined,
): Promise<void> {
  const { db, allowances } = store
  const key = `${userId} ${project}`
  const wanted = bytes ?? 1n
  const allowance = allowances.get(key)
  if (allowance && allowance.left >= wanted && allowance.until > performance.now()) {
    allowance.left = bytes === undefined ? 0n : allowance.left - wanted // of how much comes is known next time
    return
  }
  const most = await mostAhead(store, userId, project)
  const sent = await bytesSentAhead(db, userId)
  if (sent + wanted > most) throw tooMuchAhead(store, sent, most)
  if (allowances.size >= REMEMBERED) allowances.clear()
  const left = bytes === undefined ? 0n : (most - sent - wanted) / PART
  allowances.set(key, { left, until: performance.now() + GOOD_FOR_MS })
}

async function mostAhead({ db, settings }: ObjectStore, userId: string, project: string): Promise<bigint> {
  const quota = (await quotasOf(db, userId)).find((each) => each.project === project && each.resource === DISKSPACE)
  const limits = [quota?.limit ?? 0n, quota?.projectLimit ?? 0n]
  if (settings.PITHOS_SENT_AHEAD_BYTES > 0) limits.push(BigInt(settings.PITHOS_SENT_AHEAD_BYTES))
  return limits.reduce((least, each) => (each < least ? each : least))
}

function tooMuchAhead({ settings }: ObjectStore, sent: bigint, most: bigint): Fault {
  const message = `Blocks that no object has yet hold ${sent} bytes; more than ${most} are not kept for you. Make objects of them, or wait: they are forgotten ${settings.PITHOS_PIN_HOURS} hours after they were sent.`
  return new Fault('overLimit', message)
}
