// Changes of single objects that arrive while a transaction is under way are the next transaction: what they are about is
// locked and read together, each is decided in order of arrival, all are written together, and one flush makes them
// durable. See `draft.ts` for the deciding.
import { type Db, openGroupCommit, RunAgain, type Tx } from '@synnefo/lib/sql'
import { LRUCache } from 'lru-cache'
import { type Access, accessBy, enter, type Right } from '../access.ts'
import type { NewContent } from '../content/content.ts'
import { findMaps, keyOfContent } from '../maps.ts'
import type { Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { openCharges } from '../quota.ts'
import type { ContainerRow } from '../store/containers.ts'
import { bytesOf, currentVersions, lockLimited, type Path, shareContainers, versionsByIds } from '../store/ground.ts'
import { linkedPaths } from '../store/links.ts'
import { decidingEntriesOfMany } from '../store/rights.ts'
import { lockNames, type VersionRow } from '../store/versions.ts'
import { type Draft, openDraft, type Version } from './draft.ts'

export interface Order<Result> {
  /** Who asks. */
  userId: string
  /** The paths that it is about: `decide` finds what is there, and nobody else changes it meanwhile. */
  places: readonly Place[]
  /** A version of one of the paths. */
  versionId?: bigint | undefined
  /** A content that it would place. Its map is looked for with all else. */
  content?: NewContent | undefined
  /** It may change how much is stored. */
  charges: boolean
  /** It says something about public links. */
  publishes?: boolean
  /** Decides and drafts; throws a Fault when it is refused, having drafted nothing. Answers what is told once all is written. */
  decide(ground: Ground): () => Result
}

/** What an order stands on, as the orders before it left it. */
export interface Ground extends Pick<Draft, 'change' | 'attach'> {
  container(place: Pick<Place, 'account' | 'container'>): ContainerRow | undefined
  /** The container of an object, for somebody who has this right to the object. */
  enter(place: Place, right: Right): { container: ContainerRow; access: Access }
  current(place: Place): Version | undefined
  /** A version of this path; marks of deletion are none. */
  version(place: Place, id: bigint): VersionRow | undefined
  /** Whether there is a public link; only for orders that say something about them. */
  hasLink(place: Place): boolean
  /** Whether the map of a known content is there. */
  hasMap(content: NewContent): boolean
}

export type ChangeObject = <Result>(order: Order<Result>) => Promise<Result>

/** Answers how single objects are changed: together with whatever else arrives. */
export function openChanges(db: Db, store: () => ObjectStore): ChangeObject {
  const projects = rememberProjects()
  const change = openGroupCommit<Order<unknown>, unknown>({
    db,
    work: (tx, orders) => settleOrders(tx, store(), orders, { projects, commits: true }),
  })
  return <Result>(order: Order<Result>) => change(order) as Promise<Result>
}

/** One order in the caller's transaction, which locks nothing after it but what comes after the quota. */
export async function changeWithin<Result>(tx: Tx, store: ObjectStore, order: Order<Result>): Promise<Result> {
  const [outcome] = await settleOrders(tx, store, [order])
  if (outcome!.status === 'rejected') throw outcome!.reason
  return outcome!.value as Result
}

const REMEMBERED_AT_MOST = 10_000

/**
 * The projects to which containers without a limit were charged the last time: so their quota is locked in the same turn
 * as they are, and not in one after it. The limit of a container would have to be locked between the two.
 */
function rememberProjects() {
  const known = new LRUCache<string, string>({ max: REMEMBERED_AT_MOST })
  return {
    /** What these places are charged to, if it is known of all of them. */
    of(places: readonly Place[]): { account: string; project: string }[] | undefined {
      const records: { account: string; project: string }[] = []
      for (const place of places) {
        const project = known.get(keyOfContainer(place))
        if (project === undefined) return undefined
        records.push({ account: place.account, project })
      }
      return records
    },
    note({ account, name, project, quotaBytes }: ContainerRow): void {
      const key = keyOfContainer({ account, container: name })
      if (quotaBytes > 0n) known.delete(key)
      else known.set(key, project)
    },
  }
}

export interface Settling {
  /** Undefined: nothing is guessed. */
  projects?: ReturnType<typeof rememberProjects>
  /** The transaction is about these orders alone, and may be committed along with the last of what is written. */
  commits?: boolean
}

const keyOfContainer = ({ account, container }: Pick<Place, 'account' | 'container'>) => `${account}/${container}`
const keyOfRecord = ({ account, project }: { account: string; project: string }) => `${account}/${project}`
const keyOfPlace = (place: Place) => `${keyOfContainer(place)}/${place.name}`

export async function settleOrders(
  tx: Tx,
  store: ObjectStore,
  orders: readonly Order<unknown>[],
  { projects, commits = false }: Settling = {},
): Promise<PromiseSettledResult<unknown>[]> {
  const places = distinct(
    orders.flatMap((order) => order.places),
    keyOfPlace,
  )
  const chargedPlaces = distinct(
    orders.filter(({ charges }) => charges).flatMap((order) => order.places),
    keyOfContainer,
  )
  const guessed = projects?.of(chargedPlaces)
  // Asked together, done one after the other: what lies at the names is read when they are locked.
  const [rows, , current, maps, guessedCharges] = await Promise.all([
    shareContainers(tx, distinct(places, keyOfContainer)),
    lockNames(tx, places),
    currentVersions(tx, places),
    findMaps(
      tx,
      store,
      orders.flatMap(({ content }) => content ?? []),
    ),
    guessed && openCharges(tx, distinct(guessed, keyOfRecord)),
  ])
  const containers = new Map(rows.map((row) => [keyOfContainer({ account: row.account, container: row.name }), row]))
  for (const row of rows) projects?.note(row)
  const pathOf = (place: Place): Path | undefined => {
    const container = containers.get(keyOfContainer(place))
    return container && { containerId: container.id, name: place.name }
  }
  const charged = chargedPlaces.flatMap((place) => containers.get(keyOfContainer(place)) ?? [])
  const limited = charged.filter(({ quotaBytes }) => quotaBytes > 0n).map(({ id }) => id)
  if (
    guessed &&
    !charged.every((row) => row.quotaBytes === 0n && guessed.some((guess) => keyOfRecord(guess) === keyOfRecord(row)))
  )
    throw new RunAgain('a container is charged elsewhere than the last time')
  const versionIds = orders.flatMap(({ versionId }) => versionId ?? [])
  const published = orders
    .filter(({ publishes }) => publishes)
    .flatMap((order) => order.places.flatMap((place) => pathOf(place) ?? []))
  if (limited.length > 0) await lockLimited(tx, limited)
  const [used, versions, links, accessOf, charges] = await Promise.all([
    limited.length === 0 ? [] : bytesOf(tx, limited),
    versionIds.length === 0 ? [] : versionsByIds(tx, versionIds),
    published.length === 0 ? [] : linkedPaths(tx, published),
    rightsAmong(tx, orders, containers),
    guessedCharges ?? openCharges(tx, distinct(charged, keyOfRecord)),
  ])
  const draft = openDraft({
    store,
    current,
    maps,
    charges,
    used: new Map(used.map(({ containerId, bytes }) => [containerId, bytes])),
  })

  const decide = (order: Order<unknown>) => {
    const container = (place: Pick<Place, 'account' | 'container'>) => containers.get(keyOfContainer(place))
    return order.decide({
      container,
      enter: (place, right) => {
        const found = container(place)
        return enter(order.userId, place, right, found, found && accessOf(order.userId, place))
      },
      current(place) {
        const path = pathOf(place)
        return path && draft.current(path)
      },
      version(place, id) {
        const path = pathOf(place)
        return versions.find(
          (version) => version.id === id && version.containerId === path?.containerId && version.name === path.name,
        )
      },
      hasLink(place) {
        const path = pathOf(place)
        return links.some(({ containerId, name }) => containerId === path?.containerId && name === path.name)
      },
      hasMap: (content) => maps.has(keyOfContent(content)),
      change: draft.change,
      attach: draft.attach,
    })
  }
  const decisions = orders.map((order) => settled(() => decide(order)))
  await draft.write(tx, { commits })
  return decisions.map((decision) => (decision.status === 'rejected' ? decision : settled(decision.value)))
}

function settled<Result>(work: () => Result): PromiseSettledResult<Result> {
  try {
    return { status: 'fulfilled', value: work() }
  } catch (reason) {
    return { status: 'rejected', reason }
  }
}

/** What each may do with what he asks about. Owners may everything, and nothing is looked up for them. */
async function rightsAmong(tx: Tx, orders: readonly Order<unknown>[], containers: ReadonlyMap<string, ContainerRow>) {
  const keyOf = (userId: string, place: Place) => `${userId} ${keyOfContainer(place)}/${place.name}`
  const asking = orders.flatMap(({ userId, places }) =>
    places.flatMap((place) => {
      const container = containers.get(keyOfContainer(place))
      if (!container?.shares || container.account === userId) return []
      return [{ key: keyOf(userId, place), userId, containerId: container.id, name: place.name }]
    }),
  )
  const asked = distinct(asking, ({ key }) => key)
  const rows = asked.length === 0 ? [] : await decidingEntriesOfMany(tx, asked)
  const byKey = Map.groupBy(rows, ({ place }) => asked[place]!.key)
  return (userId: string, place: Place): Access => accessBy(place.account === userId, byKey.get(keyOf(userId, place)) ?? [])
}

function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}
