import { defineTask } from '@synnefo/lib/tasks'
import { deleteOldAttempts } from '../store/attempts.ts'
import { deleteOldChallenges } from '../store/challenges.ts'
import { deleteExpiredSessions } from '../store/sessions.ts'

/** Removes what has run out: sessions, steps of signing in that nobody took, and counts of attempts. */
export const cleanUp = defineTask({
  name: 'identity.clean-up',
  every: '1h',
  async run({ db }) {
    return {
      sessions: await deleteExpiredSessions(db),
      challenges: await deleteOldChallenges(db),
      attempts: await deleteOldAttempts(db),
    }
  },
})
