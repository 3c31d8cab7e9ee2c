import { defineTask } from '@synnefo/lib/tasks'
import type { Identity } from '../identity.ts'
import { deleteOldLog } from '../store/commissions.ts'

const DAY_MS = 86_400_000
/** Of one transaction, and of one run: a log that was kept for long goes a piece at a time. */
const AT_ONCE = 5_000
const PER_RUN = 200_000

/** Forgets what the ledger logged longer ago than is wanted. */
export const trimProvisionLog = defineTask<{ identity: Identity }>({
  name: 'identity.trim-provision-log',
  every: '1h',
  async run({ db, identity }) {
    const days = identity.settings.ASTAKOS_PROVISION_LOG_DAYS
    const report = { deleted: 0, again: 0 }
    if (days === 0) return report
    const before = new Date(Date.now() - days * DAY_MS)
    for (let deleted = AT_ONCE; deleted === AT_ONCE && report.deleted < PER_RUN; ) {
      deleted = await deleteOldLog(db, before, AT_ONCE)
      report.deleted += deleted
    }
    if (report.deleted >= PER_RUN) report.again = 1
    return report
  },
})
