import { cleanUp } from '../tasks/clean-up.ts'
import { defineCommand, noteCommand } from './define.ts'

export const cleanupFull = defineCommand({
  name: 'cleanup-full',
  summary: 'Remove what has run out, such as sessions, as the cloud does by itself every hour',
  input: {},
  async run({ identity, terminal }) {
    const removed = await cleanUp.run({ db: identity.db, log: identity.log })
    await identity.db.transaction((tx) => noteCommand(tx, 'cleanup-full', 'identity', { ...removed }))
    for (const [what, count] of Object.entries(removed ?? {})) terminal.error(`Removed ${count} expired ${what}.`)
  },
})
