// Whether this process lives, and whether it can serve: for load balancers and operators, without a token. An answer says
// which part fails and nothing of why; that is in the log. Damaged blocks keep nobody from serving; how many there are is
// for who watches over the cloud.
import { setTimeout as delay } from 'node:timers/promises'
import { quotasOf } from '@synnefo/identity'
import type { App } from '@synnefo/lib/http'
import type { Log } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { countDamage } from '@synnefo/object-store'
import type { Services } from './services.ts'

type Checked = Pick<Services, 'db' | 'objectStore'>
type Result = 'ok' | 'failed'

/** What must work for requests to be served. */
const CHECKS: Record<string, (services: Checked) => Promise<unknown>> = {
  database: ({ db }) => db.one(sql`SELECT 1`),
  // A block is really written, synced and read back.
  blocks: ({ objectStore }) => objectStore.blocks.probe(),
  identity: ({ db }) => quotasOf(db, 'nobody'),
}

/** A part that does not answer by then does not work. */
const PATIENCE_MS = 5_000
/** Whoever asks more often is told the same: a check writes to the disk. */
const REMEMBERED_MS = 2_000

export function serveHealth(app: App, services: Checked, log: Log, patienceMillis = PATIENCE_MS): void {
  let last: { at: number; results: Promise<Record<string, Result>> } | undefined

  async function check(name: string, look: (services: Checked) => Promise<unknown>): Promise<Result> {
    const late = new AbortController()
    try {
      const timeOut = delay(patienceMillis, undefined, { signal: late.signal, ref: false }).then(() => {
        throw new Error(`no answer within ${patienceMillis} ms`)
      })
      await Promise.race([look(services), timeOut])
      return 'ok'
    } catch (error) {
      log.error({ error, part: name }, 'not ready to serve')
      return 'failed'
    } finally {
      late.abort()
    }
  }

  async function checkAll(): Promise<Record<string, Result>> {
    return Object.fromEntries(
      await Promise.all(Object.entries(CHECKS).map(async ([name, look]) => [name, await check(name, look)])),
    )
  }

  app.get('/health', async () => {
    await services.db.one(sql`SELECT 1`)
    return { status: 'ok' }
  })
  app.get('/health/live', async () => ({ status: 'ok' }))
  app.get('/health/ready', async (_request, reply) => {
    if (!last || performance.now() - last.at > REMEMBERED_MS) last = { at: performance.now(), results: checkAll() }
    const results = await last.results
    const ready = Object.values(results).every((result) => result === 'ok')
    const figures = results['database'] === 'ok' ? { damagedBlocks: await countDamage(services.db) } : {}
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'failed', ...results, ...figures })
  })
}
