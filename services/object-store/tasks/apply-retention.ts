import { randomUUID } from 'node:crypto'
import { defineTask } from '@synnefo/lib/tasks'
import { applyRetention, retentionOf } from '../objects/retention.ts'
import type { ObjectStore } from '../open.ts'
import { leaveWalk, moveWalk, takeWalk } from '../store/walks.ts'

/** Works for this long at a time, so that a process that should end does not wait for it. */
const STRETCH_MS = 4_000
const EVERY_SECONDS = 12 * 3600

/** Removes history that is older or more than the cloud keeps. Goes on where the last run, or a process that was killed, left off. */
export const applyRetentionToAll = defineTask<{ objectStore: ObjectStore }>({
  name: 'object-store.apply-retention',
  every: '1h',
  async run({ objectStore }) {
    const { db } = objectStore
    const retention = retentionOf(objectStore)
    if (!retention) return { removed: 0, again: 0 }
    const walk = { name: 'apply-retention', lease: randomUUID() }
    const stretch = await takeWalk(db, walk, EVERY_SECONDS)
    if (!stretch) return { removed: 0, again: 0 }
    let ended = false
    try {
      const until = performance.now() + STRETCH_MS
      const goOn = async (position: bigint) => (await moveWalk(db, walk, String(position))) && performance.now() < until
      const done = await applyRetention(objectStore, retention, { after: BigInt(stretch.position || '0'), goOn })
      ended = done.ended
      return { removed: done.removed, again: ended ? 0 : 1 }
    } finally {
      await leaveWalk(db, walk, { ended })
    }
  },
})
