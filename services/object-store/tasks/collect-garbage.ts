import { randomUUID } from 'node:crypto'
import { defineTask } from '@synnefo/lib/tasks'
import type { ObjectStore } from '../open.ts'
import { leaveWalk, moveWalk, takeWalk } from '../store/walks.ts'
import { collectBlocks, collectMaps, nothingCollected, reviewAside } from '../upkeep/collect.ts'

/** Works for this long at a time, so that a process that should end does not wait for it. */
const STRETCH_MS = 4_000

/** Removes what nobody needs, once in a while. Goes on where the last run, or a process that was killed, left off. */
export const collectGarbage = defineTask<{ objectStore: ObjectStore }>({
  name: 'object-store.collect-garbage',
  every: '1h',
  async run({ objectStore }) {
    const { db, settings } = objectStore
    const report = nothingCollected()
    const options = { graceSeconds: settings.PITHOS_GC_GRACE_HOURS * 3600 }
    await reviewAside(objectStore, report, options)
    if (settings.PITHOS_GC_HOURS === 0) return { ...report }
    const walk = { name: 'collect-garbage', lease: randomUUID() }
    const stretch = await takeWalk(db, walk, settings.PITHOS_GC_HOURS * 3600)
    if (!stretch) return { ...report }
    let ended = false
    try {
      if (stretch.position === '') await collectMaps(objectStore, report, options)
      const until = performance.now() + STRETCH_MS
      const goOn = async (position: string) => (await moveWalk(db, walk, position)) && performance.now() < until
      ended = await collectBlocks(objectStore, report, { ...options, after: stretch.position, goOn })
    } finally {
      await leaveWalk(db, walk, { ended })
    }
    return { ...report, again: ended ? 0 : 1 }
  },
})
