import { defineTask } from '@synnefo/lib/tasks'
import { PENDING_DAYS } from '../logins/pending.ts'
import { deleteOldAttempts } from '../store/attempts.ts'
import { deleteOldChallenges } from '../store/challenges.ts'
import { deleteOldDeviceLogins } from '../store/device-logins.ts'
import { deleteExpiredGrants } from '../store/oauth2-grants.ts'
import { deleteOldPendingLogins } from '../store/pending-logins.ts'
import { deleteExpiredSessions } from '../store/sessions.ts'
import { deleteOldHandshakes } from '../store/spent-handshakes.ts'
import { forgetSpentWork } from '../store/spent-work.ts'

/**
 * Removes what has run out: sessions, steps of signing in that nobody took, identities that nobody claimed, codes
 * of device logins, codes and tokens of other programs, work that was shown, and counts of attempts.
 */
export const cleanUp = defineTask({
  name: 'identity.clean-up',
  every: '1h',
  async run({ db }) {
    return {
      sessions: await deleteExpiredSessions(db),
      challenges: await deleteOldChallenges(db),
      pendingLogins: await deleteOldPendingLogins(db, PENDING_DAYS),
      handshakes: await deleteOldHandshakes(db),
      deviceLogins: await deleteOldDeviceLogins(db),
      grants: await deleteExpiredGrants(db),
      work: await forgetSpentWork(db),
      attempts: await deleteOldAttempts(db),
    }
  },
})
