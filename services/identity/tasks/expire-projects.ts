import { defineTask } from '@synnefo/lib/tasks'
import type { Identity } from '../identity.ts'
import { programActor } from '../projects/actor.ts'
import { PER_RUN, terminateExpired } from '../projects/expire.ts'

const DAY = 24 * 3600 * 1000

/** Ends projects whose time has run out, unless settings leave that to operators. */
export const expireProjects = defineTask<{ identity: Identity }>({
  name: 'identity.expire-projects',
  every: '5m',
  async run({ identity }) {
    const { ASTAKOS_TERMINATE_EXPIRED_PROJECTS: wanted, ASTAKOS_PROJECT_EXPIRY_GRACE_DAYS: graceDays } = identity.settings
    if (!wanted) return { terminated: 0, failed: 0, again: 0 }
    const before = new Date(Date.now() - graceDays * DAY)
    const report = await terminateExpired(identity, programActor('identity.expire-projects'), before, 'expired')
    return { ...report, again: report.terminated === PER_RUN ? 1 : 0 }
  },
})
