// The law of changes, tried at random: whatever is asked at the same time, of two processes, the outcome is that of doing
// it one after the other in the order of the version numbers. Every answer fits that order; what is stored, what
// containers count and what the quota says is what it leaves.
import { hashBlock } from '@synnefo/engine-blocks'
import { migrations as identityMigrations, quotasOf } from '@synnefo/identity'
import { createTestUser, openTestIdentity } from '@synnefo/identity/testing'
import { Fault } from '@synnefo/lib/fault'
import { silentLog } from '@synnefo/lib/log'
import { type Db, openDatabase, sql } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putContainer } from '../containers.ts'
import { contentOfBlocks } from '../content/content.ts'
import { migrations, type ObjectStore } from '../index.ts'
import { foldChanges } from '../store/statistics.ts'
import { openTestStore } from '../testing.ts'
import { copyObject, moveObject } from './copy.ts'
import { deleteObject } from './delete.ts'
import { type Precondition, updateObject, writeObject } from './write.ts'

const CONTAINERS = {
  auto: { versioning: 'auto', quotaBytes: 0n },
  none: { versioning: 'none', quotaBytes: 0n },
  limited: { versioning: 'auto', quotaBytes: 10n },
} as const
type ContainerName = keyof typeof CONTAINERS
const LIMIT = 24n

type At = [container: ContainerName, name: 'a' | 'b']
type Condition = 'any' | 'new' | 'there'
type Operation =
  | { do: 'put'; at: At; size: number; fill: string; when: Condition }
  | { do: 'post'; at: At; colour: string; when: Condition }
  | { do: 'delete'; at: At }
  | { do: 'copy' | 'move'; at: At; from: At; when: Condition }
type Step = Operation & { by: 0 | 1 }

const at = fc.tuple(fc.constantFrom('auto', 'none', 'limited'), fc.constantFrom('a', 'b')) as fc.Arbitrary<At>
const when = fc.constantFrom('any', 'any', 'new', 'there') as fc.Arbitrary<Condition>
const by = fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      at,
      size: fc.integer({ min: 0, max: 9 }),
      fill: fc.constantFrom('x', 'y'),
      when,
      by,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('post' as const), at, colour: fc.constantFrom('red', 'blue', ''), when, by }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), at, by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('copy' as const, 'move' as const), at, from: at, when, by }) },
)
/** What is in a batch is asked for at the same time. */
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 14 }), { minLength: 1, maxLength: 4 })

interface Held {
  size: bigint
  hash: string
  colour: string
}

/** One after the other. */
class Model {
  readonly current = new Map<string, Held>()
  readonly history: Record<ContainerName, bigint[]> = { auto: [], none: [], limited: [] }
  readonly free: boolean
  constructor(free: boolean) {
    this.free = free
  }
  bytes(container: ContainerName) {
    return this.in(container).reduce((sum, [, { size }]) => sum + size, 0n)
  }
  in(container: ContainerName) {
    return [...this.current].filter(([key]) => key.startsWith(`${container}/`)).sort(([a], [b]) => (a < b ? -1 : 1))
  }
  charged() {
    const all = Object.keys(CONTAINERS) as ContainerName[]
    const history = all.flatMap((container) => this.history[container])
    return (
      all.reduce((sum, each) => sum + this.bytes(each), 0n) + (this.free ? 0n : history.reduce((sum, size) => sum + size, 0n))
    )
  }
  copy() {
    const copy = new Model(this.free)
    for (const [key, held] of this.current) copy.current.set(key, held)
    for (const container of Object.keys(CONTAINERS) as ContainerName[]) copy.history[container].push(...this.history[container])
    return copy
  }
  #put([container, name]: At, next: Held | undefined) {
    const key = `${container}/${name}`
    const previous = this.current.get(key)
    if (previous && CONTAINERS[container].versioning === 'auto') this.history[container].push(previous.size)
    if (next) this.current.set(key, next)
    else this.current.delete(key)
  }
  /** Does it, or says why not and changes nothing. */
  apply(operation: Operation): string {
    const key = operation.at.join('/')
    const about = this.current.get('from' in operation ? operation.from.join('/') : key)
    if (operation.do !== 'put' && !about) return 'itemNotFound'
    if ('when' in operation && operation.when === (about ? 'new' : 'there')) return 'preconditionFailed'
    const after = this.copy()
    if (operation.do === 'put') {
      const { size, fill } = operation
      after.#put(operation.at, { size: BigInt(size), hash: hashes.get(fill.repeat(size))!, colour: '' })
    } else if (operation.do === 'post') after.#put(operation.at, { ...about!, colour: operation.colour || about!.colour })
    else if (operation.do === 'delete') after.#put(operation.at, undefined)
    else {
      if (operation.do === 'move' && key !== operation.from.join('/')) after.#put(operation.from, undefined)
      after.#put(operation.at, about)
    }
    const [container] = operation.at
    const { quotaBytes } = CONTAINERS[container]
    if (quotaBytes > 0n && after.bytes(container) > this.bytes(container) && after.bytes(container) > quotaBytes)
      return 'overLimit'
    if (after.charged() > this.charged() && after.charged() > LIMIT) return 'overLimit'
    this.current.clear()
    for (const [place, held] of after.current) this.current.set(place, held)
    Object.assign(this.history, after.history)
    return 'done'
  }
}

const hashes = new Map<string, string>()
const contents = new Map<string, ReturnType<typeof contentOfBlocks>>()
for (const fill of ['x', 'y'])
  for (let size = 0; size <= 9; size += 1) {
    const text = fill.repeat(size)
    const data = Buffer.from(text)
    const content = contentOfBlocks(BigInt(size), size === 0 ? [] : [await hashBlock(data)], size === 0 ? null : data)
    contents.set(text, content)
    hashes.set(text, content.hash)
  }

function conditionOf(condition: Condition): Precondition {
  return (current) => {
    if (condition === (current ? 'new' : 'there')) throw new Fault('preconditionFailed', 'not now')
  }
}

/** Answers the number of the version that it made. */
async function perform(store: ObjectStore, account: string, operation: Operation): Promise<bigint> {
  const placeOf = ([container, name]: At) => ({ account, container, name })
  const place = placeOf(operation.at)
  if (operation.do === 'delete') return deleteObject(store, account, place)
  const terms = { place, precondition: conditionOf(operation.when), sharing: undefined }
  if (operation.do === 'put') {
    const content = contents.get(operation.fill.repeat(operation.size))!
    return (await writeObject(store, account, { ...terms, content, contentType: 'text/plain', checksum: '', metadata: {} }))
      .versionId
  }
  if (operation.do === 'post') {
    const items: Record<string, string> = operation.colour === '' ? {} : { 'X-Object-Meta-Colour': operation.colour }
    return (await updateObject(store, account, { ...terms, change: { items, merge: true } }))!
  }
  const transfer = operation.do === 'copy' ? copyObject : moveObject
  const { precondition, sharing } = terms
  return transfer(store, account, {
    source: placeOf(operation.from),
    destination: place,
    contentType: undefined,
    metadata: {},
    sharing,
    precondition,
  })
}

async function stored(db: Db, account: string, container: ContainerName) {
  const objects = await db.any<{ name: string; size: bigint; hash: string; colour: string }>(sql`
    SELECT v.name, v.size_bytes AS size, encode(v.hash, 'hex') AS hash, coalesce(v.metadata ->> 'X-Object-Meta-Colour', '') AS colour
    FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
    WHERE c.account = ${account} AND c.name = ${container} AND v.state = 'current' ORDER BY v.name`)
  const history = await db.any<{ size: bigint }>(sql`
    SELECT v.size_bytes AS size FROM object_store.versions v JOIN object_store.containers c ON c.id = v.container_id
    WHERE c.account = ${account} AND c.name = ${container} AND v.state = 'history'`)
  const figures = await db.one<{ objects: bigint; bytes: bigint; versions: bigint; historyBytes: bigint }>(sql`
    SELECT coalesce(sum(f.objects), 0)::bigint AS objects, coalesce(sum(f.bytes), 0)::bigint AS bytes,
      coalesce(sum(f.history_versions), 0)::bigint AS versions, coalesce(sum(f.history_bytes), 0)::bigint AS "historyBytes"
    FROM (
      SELECT container_id, objects, bytes, history_versions, history_bytes FROM object_store.container_statistics
      UNION ALL SELECT container_id, objects, bytes, history_versions, history_bytes FROM object_store.container_changes
    ) f JOIN object_store.containers c ON c.id = f.container_id WHERE c.account = ${account} AND c.name = ${container}`)
  const sizes = history.map(({ size }) => size).sort()
  return { objects, history: sizes, figures }
}

test('changes that are made at the same time are as if made one after the other', { timeout: 300_000 }, async ({
  onTestFinished,
}) => {
  const db = await openTestDatabase(onTestFinished, [identityMigrations, migrations])
  const other = openDatabase({ url: db.url, log: silentLog })
  onTestFinished(() => other.close())
  const identity = await openTestIdentity(onTestFinished, db)
  await fc.assert(
    fc.asyncProperty(batches, fc.boolean(), async (asked, free) => {
      const { uuid } = await createTestUser(identity, { limits: { 'pithos.diskspace': LIMIT } })
      const settings = { PITHOS_BACKEND_FREE_VERSIONING: free }
      const stores = [await openTestStore(db, { settings }), await openTestStore(other, { settings })]
      for (const [name, policy] of Object.entries(CONTAINERS))
        await putContainer(stores[0]!, uuid, uuid, name, { policy, metadata: undefined })
      const model = new Model(free)
      for (const batch of asked) {
        const answers = await Promise.all(
          batch.map(async (operation) => {
            try {
              return { operation, version: await perform(stores[operation.by]!, uuid, operation), refusal: undefined }
            } catch (error) {
              if (!(error instanceof Fault)) throw error
              return { operation, version: undefined, refusal: error.kind as string }
            }
          }),
        )
        await foldChanges(db)
        const moments = [model.copy()]
        const done = answers.filter(({ version }) => version !== undefined).sort((a, b) => (a.version! < b.version! ? -1 : 1))
        for (const { operation } of done) {
          expect({ operation, answer: model.apply(operation) }).toEqual({ operation, answer: 'done' })
          moments.push(model.copy())
        }
        // What was refused would have been refused at some moment.
        for (const { operation, refusal } of answers.filter(({ version }) => version === undefined)) {
          const possible = moments.map((moment) => moment.copy().apply(operation))
          expect({ operation, possible }).toEqual({ operation, possible: expect.arrayContaining([refusal]) })
        }
      }
      for (const container of Object.keys(CONTAINERS) as ContainerName[]) {
        const history = model.history[container].toSorted()
        expect(await stored(db, uuid, container)).toEqual({
          objects: model.in(container).map(([key, held]) => ({ name: key.split('/')[1], ...held })),
          history,
          figures: {
            objects: BigInt(model.in(container).length),
            bytes: model.bytes(container),
            versions: BigInt(history.length),
            historyBytes: history.reduce((sum, size) => sum + size, 0n),
          },
        })
      }
      const quota = (await quotasOf(db, uuid)).find(({ resource }) => resource === 'pithos.diskspace')!
      expect([quota.usage, quota.pending, quota.projectUsage]).toEqual([model.charged(), 0n, model.charged()])
    }),
    { numRuns: 40, endOnFailure: true },
  )
})
