import { randomUUID } from 'node:crypto'
import { defineTask } from '@synnefo/lib/tasks'
import type { ObjectStore } from '../open.ts'
import { leaveWalk, moveWalk, takeWalk } from '../store/walks.ts'
import { nothingScrubbed, recheckDamage, scrub } from '../upkeep/scrub.ts'

/** Works for this long at a time, so that a process that should end does not wait for it. */
const STRETCH_MS = 4_000
const DAY_MS = 24 * 3600_000

/**
 * Reads every block once in so many days. Names are spread evenly, so the share of the time that has passed is the share
 * of the names that should have been looked at: no counting, and a steady pace whatever comes and goes.
 */
export const scrubBlocks = defineTask<{ objectStore: ObjectStore }>({
  name: 'object-store.scrub-blocks',
  every: '10m',
  async run({ objectStore, log }) {
    const { db, settings } = objectStore
    const report = nothingScrubbed()
    await recheckDamage(objectStore, report, log)
    const days = settings.PITHOS_SCRUB_DAYS
    if (days === 0) return { ...report }
    const walk = { name: 'scrub-blocks', lease: randomUUID() }
    const stretch = await takeWalk(db, walk, 0)
    if (!stretch) return { ...report }
    const share = (Date.now() - stretch.beganAt.getTime()) / (days * DAY_MS)
    const upTo = nameAt(share)
    let ended = false
    try {
      if (upTo > stretch.position) {
        const until = performance.now() + STRETCH_MS
        const goOn = async (position: string) => (await moveWalk(db, walk, position)) && performance.now() < until
        ended = await scrub(objectStore, report, { after: stretch.position, upTo, goOn, log })
      } else ended = true
    } finally {
      await leaveWalk(db, walk, { ended: ended && share >= 1 })
    }
    return { ...report, again: ended ? 0 : 1 }
  },
})

/** The name that stands at this share of all names. */
export function nameAt(share: number): string {
  if (share >= 1) return 'f'.repeat(64)
  const start = Math.floor(Math.max(0, share) * 2 ** 48)
  return start.toString(16).padStart(12, '0').padEnd(64, '0')
}
