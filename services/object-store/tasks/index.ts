import type { Queue } from '@synnefo/engine-queue'
import { defineTask, type Task } from '@synnefo/lib/tasks'
import type { ObjectStore } from '../open.ts'
import { forgetExpiredPins } from '../store/maps.ts'
import { foldChanges } from '../store/statistics.ts'
import { applyRetentionToAll } from './apply-retention.ts'
import { collectGarbage } from './collect-garbage.ts'
import { forgetLinks } from './forget-links.ts'
import { publishEvents } from './publish-events.ts'
import { scrubBlocks } from './scrub-blocks.ts'

/** Keeps the tail short that readers of container figures have to add up. */
export const foldStatistics = defineTask({
  name: 'object-store.fold-statistics',
  every: '10s',
  async run({ db }) {
    let folded = 0
    for (let some = await foldChanges(db); some > 0; some = await foldChanges(db)) folded += some
    return { folded }
  },
})

/** Blocks of uploads that never finished are nobody's again. */
export const forgetPins = defineTask({
  name: 'object-store.forget-pins',
  every: '1h',
  async run({ db }) {
    return { forgotten: await forgetExpiredPins(db) }
  },
})

export const tasks: readonly Task<{ objectStore: ObjectStore; queue: Queue }>[] = [
  foldStatistics,
  forgetPins,
  collectGarbage,
  forgetLinks,
  scrubBlocks,
  applyRetentionToAll,
  publishEvents,
]
