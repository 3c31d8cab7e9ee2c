// The law of the ledger, tried with thousands of commissions at random: whatever is asked at the same time, by several
// processes, in whatever order, and whoever dies meanwhile, no limit is exceeded, what is counted is what was taken,
// and nothing stays pending.
import { Fault } from '@synnefo/lib/fault'
import { silentLog } from '@synnefo/lib/log'
import { type Db, isDatabaseUnavailable, openDatabase, raw, sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { syncLimits } from '../store/holdings.ts'
import { setProjectLimit } from '../store/projects.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { issueCommission, type Provision, pendingCommissions, resolveCommissions } from './commissions.ts'
import { type Ledger, openLedger } from './ledger.ts'

const RESOURCES = ['cyclades.vm', 'cyclades.cpu'] as const
const COMPONENTS = ['cyclades', 'pithos'] as const
/** Who takes, and where. Carol's is the only one in which limits are set aside. */
const PLACES = ['alice at home', 'alice in shared', 'bob at home', 'bob in shared'] as const
const FORCED = 'carol at home'
const LIMIT = 12n
const PROCESSES = 3

type Place = (typeof PLACES)[number] | typeof FORCED
type Taking = [place: Place, resource: (typeof RESOURCES)[number], quantity: bigint]

interface Commission {
  what: 'commission'
  component: (typeof COMPONENTS)[number]
  takes: Taking[]
  force: boolean
  /** In a transaction of its own, as services of this cloud do, or in one shared with others, as those do that ask over HTTP. */
  by: 'own transaction' | 'shared transaction'
  /** `dies`: its component never gets to resolve it; before that it may have decided that it is done. */
  end: 'accept' | 'reject' | 'accept at once' | 'accept against reject' | 'dies undecided' | 'dies decided'
}

interface Limit {
  what: 'limit'
  project: 'alice' | 'bob' | 'shared'
  resource: (typeof RESOURCES)[number]
  member: bigint
  whole: bigint
}

interface Kill {
  what: 'kill a connection'
}

type Step = Commission | Limit | Kill

const commission = (places: readonly Place[], force: boolean): fc.Arbitrary<Commission> =>
  fc.record({
    what: fc.constant('commission'),
    component: fc.constantFrom(...COMPONENTS),
    takes: fc.array(fc.tuple(fc.constantFrom(...places), fc.constantFrom(...RESOURCES), fc.bigInt({ min: -4n, max: 5n })), {
      minLength: 1,
      maxLength: 4,
    }),
    force: fc.constant(force),
    by: fc.constantFrom('own transaction', 'shared transaction'),
    end: fc.constantFrom(
      'accept',
      'accept',
      'accept at once',
      'reject',
      'accept against reject',
      'dies undecided',
      'dies decided',
    ),
  })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: commission(PLACES, false) },
  { weight: 4, arbitrary: commission([FORCED], true) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('limit' as const),
      project: fc.constantFrom('alice' as const, 'bob' as const, 'shared' as const),
      resource: fc.constantFrom(...RESOURCES),
      member: fc.bigInt({ min: 0n, max: 2n * LIMIT }),
      whole: fc.bigInt({ min: 0n, max: 2n * LIMIT }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Kill>({ what: 'kill a connection' }) },
)

/** What became of a commission, as far as its component knows. */
interface Fate {
  name: string
  of: Commission
  startedAt: number
  /** Unknown when the answer was lost. */
  serial?: bigint
  answeredAt?: number
  refused?: boolean
  /** The component has written down, in its own books, that it is done. */
  decided?: boolean
  /** Told by the ledger. */
  accepted?: boolean
  rejected?: boolean
}

type Name = 'alice' | 'bob' | 'carol'

async function openWorld(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  const uuids = new Map<string, string>([['shared', 'shared']])
  for (const name of ['alice', 'bob', 'carol']) uuids.set(name, (await createTestUser(identity, { firstName: name })).uuid)
  const uuidOf = (name: string) => uuids.get(name)!
  await db.run(sql`
    WITH shared AS (
      INSERT INTO identity.projects (uuid, name, realname, end_date, join_policy, leave_policy, max_members, state)
      VALUES ('shared', 'shared', 'shared', 'infinity', 'auto', 'auto', 9, 'active') RETURNING id
    )
    INSERT INTO identity.memberships (user_id, project_id, state, initialized)
    SELECT u.id, s.id, 'accepted', true FROM identity.users u CROSS JOIN shared s
    WHERE u.uuid IN (${uuidOf('alice')}, ${uuidOf('bob')})`)
  await keepLaw(db, uuidOf('carol'))

  const processes = Array.from({ length: PROCESSES }, (_, number) => {
    const own = openDatabase({ url: db.url, log: silentLog, name: `law ${number}`, poolSize: 4 })
    return { db: own, ledger: openLedger(own) }
  })
  const projectIds = new Map<string, bigint>()
  for (const [name, uuid] of uuids) {
    projectIds.set(name, (await db.one<{ id: bigint }>(sql`SELECT id FROM identity.projects WHERE uuid = ${uuid}`)).id)
  }

  async function setLimit(at: Db, project: string, resource: string, capacity: { member: bigint; project: bigint }) {
    await at.transaction(async (tx) => {
      await setProjectLimit(tx, projectIds.get(project)!, resource, capacity)
      await syncLimits(tx, [projectIds.get(project)!])
    })
  }
  return {
    db,
    processes,
    setLimit,
    /** Of the person, and of the project in which it is taken. */
    provisions: (takes: readonly Taking[]): Provision[] =>
      takes.flatMap(([place, resource, quantity]) => {
        const [name, where] = place.split(/ at | in /) as [Name, string]
        const project: `project:${string}` = `project:${uuidOf(where === 'home' ? name : where)}`
        return [
          { holder: `user:${uuidOf(name)}`, source: project, resource, quantity },
          { holder: project, source: null, resource, quantity },
        ]
      }),
    async reset() {
      await db.run(sql`DELETE FROM identity.commissions`)
      await db.run(sql`DELETE FROM identity.provision_log`)
      await db.run(sql`UPDATE identity.holdings SET usage_min = 0, usage_max = 0`)
      for (const project of uuids.keys())
        for (const resource of RESOURCES) await setLimit(db, project, resource, { member: LIMIT, project: 2n * LIMIT })
    },
    kill: () =>
      db.run(sql`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'law %' ORDER BY random() LIMIT 1`),
    /** How many transactions waited for each other in a circle. */
    async deadlocks() {
      await Promise.all(processes.map((process) => process.db.close()))
      await expect // what a session counted is added up when it has ended
        .poll(() =>
          db.any(sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'law %'`),
        )
        .toEqual([])
      return (await db.one<{ deadlocks: bigint }>(sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`))
        .deadlocks
    },
  }
}

/** Whatever is added to what is used must fit the limit that stands at that moment, for all but Carol. Looked at by the database at each write. */
async function keepLaw(db: Db, carol: string) {
  await db.run(
    raw(`
    CREATE FUNCTION public.keep_law() RETURNS trigger LANGUAGE plpgsql AS $law$
    BEGIN
      IF NEW.usage_max > OLD.usage_max AND NEW.usage_max > NEW."limit" AND NEW.holder NOT LIKE '%${carol}' THEN
        RAISE EXCEPTION 'law broken: % uses % of %, limit %', NEW.holder, NEW.usage_max, NEW.resource, NEW."limit";
      END IF;
      RETURN NEW;
    END $law$`),
  )
  await db.run(sql`CREATE TRIGGER law BEFORE UPDATE ON identity.holdings FOR EACH ROW EXECUTE FUNCTION public.keep_law()`)
}

type World = Awaited<ReturnType<typeof openWorld>>

/** Does everything at once, then lets every component recover, and answers what each commission came to. */
async function live(world: World, steps: readonly Step[]): Promise<Fate[]> {
  let now = 0
  const fates: Fate[] = []

  async function commission(of: Commission, at: number, { db, ledger }: World['processes'][number]): Promise<void> {
    const fate: Fate = { name: `commission ${at}`, of, startedAt: now++ }
    fates.push(fate)
    const { component, force, takes, end } = of
    const own = of.by === 'own transaction'
    const ask: Ledger = {
      issue: (request) => (own ? db.transaction((tx) => issueCommission(tx, request)) : ledger.issue(request)),
      resolve: (resolution) => (own ? db.transaction((tx) => resolveCommissions(tx, resolution)) : ledger.resolve(resolution)),
    }
    const autoAccept = end === 'accept at once'
    try {
      fate.serial = await ask.issue({ provisions: world.provisions(takes), name: fate.name, force, autoAccept, component })
    } catch (error) {
      if (!(error instanceof Fault && error.kind === 'overLimit')) throw error
      fate.refused = true
      return
    }
    fate.answeredAt = now++
    const serials = [fate.serial]
    if (autoAccept) fate.accepted = true
    if (end === 'accept' || end === 'dies decided') fate.decided = true // before the ledger is told
    if (end === 'accept') fate.accepted = (await ask.resolve({ accept: serials, component })).accepted.length === 1
    if (end === 'reject') fate.rejected = (await ask.resolve({ reject: serials, component })).rejected.length === 1
    if (end !== 'accept against reject') return
    const [accepting, rejecting] = await Promise.allSettled([
      ask.resolve({ accept: serials, component }),
      ask.resolve({ reject: serials, component }),
    ])
    fate.accepted = accepting.status === 'fulfilled' && accepting.value.accepted.length === 1
    fate.rejected = rejecting.status === 'fulfilled' && rejecting.value.rejected.length === 1
    for (const each of [accepting, rejecting]) if (each.status === 'rejected') throw each.reason
    expect([fate.accepted, fate.rejected].filter(Boolean), 'accepted or rejected, one of them').toHaveLength(1)
  }

  async function take(step: Step, at: number): Promise<void> {
    const process = world.processes[at % PROCESSES]!
    try {
      if (step.what === 'commission') await commission(step, at, process)
      else if (step.what === 'limit') {
        await world.setLimit(process.db, step.project, step.resource, { member: step.member, project: step.whole })
      } else await world.kill()
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error // killed, at whatever point
    }
  }
  const outcomes = await Promise.allSettled(steps.map(take))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  await Promise.all(COMPONENTS.map((component) => recover(world, component, fates)))
  return fates
}

/** As services do when they start: what they know to be done is accepted, all else that is pending is rejected. */
async function recover({ db }: World, component: Commission['component'], fates: readonly Fate[]): Promise<void> {
  const decided = new Set(fates.flatMap(({ decided, serial }) => (decided && serial !== undefined ? [serial] : [])))
  const pending = await pendingCommissions(db, component)
  const accept = pending.filter((serial) => decided.has(serial))
  const reject = pending.filter((serial) => !decided.has(serial))
  await db.transaction((tx) => resolveCommissions(tx, { accept, reject, component }))
  expect(await pendingCommissions(db, component), `pending of ${component} after recovery`).toEqual([])
}

const keyOf = ({ holder, source, resource }: { holder: string; source: string | null; resource: string }) =>
  `${holder} ${source ?? ''} ${resource}`

function sumsOf(provisions: readonly Provision[]): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const provision of provisions) sums.set(keyOf(provision), (sums.get(keyOf(provision)) ?? 0n) + provision.quantity)
  return new Map([...sums].filter(([, quantity]) => quantity !== 0n))
}

/** What the log may say of a commission, given what its component knows. */
function possible({ refused, accepted, rejected, decided, serial, of }: Fate): ('ACCEPT' | 'REJECT' | 'nothing')[] {
  if (refused) return ['nothing']
  if (accepted) return ['ACCEPT']
  if (rejected) return ['REJECT']
  if (serial === undefined) return of.end === 'accept at once' ? ['nothing', 'ACCEPT'] : ['nothing', 'REJECT']
  if (of.end === 'accept against reject') return ['ACCEPT', 'REJECT'] // both answers were lost
  return decided ? ['ACCEPT'] : ['REJECT']
}

async function judge(world: World, fates: readonly Fate[]): Promise<void> {
  const log = Map.groupBy(
    await world.db.any<{ name: string; step: 'ACCEPT' | 'REJECT'; key: string; delta: bigint }>(sql`
      SELECT name, split_part(reason, ':', 1) AS step, holder || ' ' || source || ' ' || resource AS key, delta
      FROM identity.provision_log`),
    ({ name }) => name,
  )
  const used = new Map<string, bigint>()
  for (const fate of fates) {
    const sums = sumsOf(world.provisions(fate.of.takes))
    if (sums.size === 0) continue
    const entries = log.get(fate.name) ?? []
    const steps = new Set(entries.map(({ step }) => step))
    const came = steps.size === 0 ? 'nothing' : [...steps].join(' and ')
    expect(possible(fate), `what became of ${fate.name}`).toContain(came)
    if (came === 'nothing') continue
    expect(new Map(entries.map(({ key, delta }) => [key, delta])), `log of ${fate.name}`).toEqual(sums)
    expect(entries, `entries of ${fate.name}`).toHaveLength(sums.size)
    if (came === 'ACCEPT') for (const [key, quantity] of sums) used.set(key, (used.get(key) ?? 0n) + quantity)
  }
  const holdings = await world.db.any<{ key: string; min: bigint; max: bigint }>(sql`
    SELECT holder || ' ' || source || ' ' || resource AS key, usage_min AS min, usage_max AS max FROM identity.holdings`)
  for (const { key, min, max } of holdings) {
    expect({ key, min, max }).toEqual({ key, min: used.get(key) ?? 0n, max: used.get(key) ?? 0n })
  }
  for (const component of COMPONENTS) increasing(fates.filter(({ of }) => of.component === component))
}

/** Who asks after another one was answered gets a larger serial. */
function increasing(fates: readonly Fate[]): void {
  for (const { startedAt, serial, name } of fates) {
    if (serial === undefined) continue
    const before = fates.filter(({ answeredAt }) => answeredAt !== undefined && answeredAt < startedAt)
    for (const earlier of before) expect(serial, `serial of ${name} after ${earlier.name}`).toBeGreaterThan(earlier.serial!)
  }
}

test('whatever is asked at once, and whoever dies meanwhile, the law of the ledger holds', async ({ onTestFinished }) => {
  const world = await openWorld(onTestFinished)
  let commissions = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }), async (steps) => {
      await world.reset()
      const fates = await live(world, steps)
      await judge(world, fates)
      commissions += fates.length
    }),
    { numRuns: 40, interruptAfterTimeLimit: 30_000 },
  )
  expect(await world.deadlocks(), 'deadlocks').toBe(0n)
  expect(commissions).toBeGreaterThan(0)
})
