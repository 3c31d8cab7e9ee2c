// What changes make of the objects they are about, decided in memory, one after the other: each against what those
// before it left. So one transaction can serve many, and who is refused disturbs nobody. Everything that follows from a
// change (history, statistics, limits, quota, what is attached, announcements) follows here.
import { randomUUID } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import { isForeignKeyViolation, RunAgain, type Tx } from '@synnefo/lib/sql'
import type { NewContent } from '../content/content.ts'
import { contentIsGone, healMap, keyOfContent, smallMapsToAdd, storeMaps } from '../maps.ts'
import { checkMetadataCount } from '../metadata.ts'
import type { ObjectStore } from '../open.ts'
import { type Charges, chargedBytes } from '../quota.ts'
import { dropAttached } from '../store/attached.ts'
import type { ContainerRow } from '../store/containers.ts'
import type { Path } from '../store/ground.ts'
import type { FoundMap } from '../store/maps.ts'
import { changeOf, type NewVersion, type VersionRow } from '../store/versions.ts'
import { type ContainerChange, prepareVersions, type VersionToWrite } from '../store/write-versions.ts'
import { type ChangedObject, objectsChanged } from './changed.ts'
import { hasEvents } from './events.ts'

/** A version in the making, or one that is there. */
export type Version = VersionRow & {
  /** Its map is found or made when it is written. */
  content?: NewContent
}

/** A version in the making has no number before it is written: nobody can have asked for it. */
export const UNWRITTEN = -1n

export interface Change {
  container: ContainerRow
  name: string
  next: Omit<NewVersion, 'containerId' | 'name'> & Pick<Version, 'content'>
}

interface Step extends Change {
  previous: Version | undefined
  /** Of quota. */
  charged: bigint
}

interface Made {
  version: Version
  place: VersionToWrite
}

/** With a content that has no map yet. */
interface Unplaced extends Made {
  content: NewContent
}

export interface Draft {
  /** What is at a path now. */
  current(path: Path): Version | undefined
  /** Several paths change together, each at most once, or none does. Answers the versions, which get their numbers when they are written. */
  change(by: string, changes: readonly Change[]): Version[]
  /** Work on what is attached to paths, done in order after the versions are written. Must not fail for a reason that could be seen before. */
  attach(work: (tx: Tx) => Promise<unknown>): void
  /** `commits`: and commits along with the last of it, where it can. */
  write(tx: Tx, options: { commits: boolean }): Promise<void>
}

export interface DraftOptions {
  store: ObjectStore
  current: readonly VersionRow[]
  /** Of contents that may be placed, by `keyOfContent`: those that exist. */
  maps: ReadonlyMap<string, FoundMap>
  charges: Charges
  /** Bytes used in containers that have a limit, by id. */
  used: Map<bigint, bigint>
}

const keyOf = ({ containerId, name }: Path) => `${containerId}/${name}`

export function openDraft({ store, current, maps, charges, used }: DraftOptions): Draft {
  const currents = new Map<string, Version>(current.map((version) => [keyOf(version), version]))
  /** When what was there at first was made: whatever comes of the path is not older. */
  const firsts = new Map(current.map((version) => [keyOf(version), version.timestamp]))
  const made: Made[] = []
  const pending = new Map<Version, Made>()
  const kept: bigint[] = []
  const gone: bigint[] = []
  const changed = new Map<bigint, ContainerChange>()
  const told: (Omit<ChangedObject, 'versionId'> & { version: Version })[] = []
  const attached: (Path | ((tx: Tx) => Promise<unknown>))[] = []

  function change(by: string, changes: readonly Change[]): Version[] {
    const steps = changes.map(({ container, name, next }) => {
      checkMetadataCount(next.metadata, store.settings.PITHOS_RESOURCE_MAX_METADATA)
      const previous = currents.get(keyOf({ containerId: container.id, name }))
      const keepHistory = container.versioning === 'auto'
      const difference = changeOf(previous, keepHistory, next.state === 'current' ? next : undefined)
      return { container, name, next, previous, keepHistory, difference, charged: chargedBytes(store, difference) }
    })
    for (const { container } of steps) {
      const growth = steps
        .filter((step) => step.container.id === container.id)
        .reduce((sum, { difference }) => sum + difference.bytes, 0n)
      checkLimit(container, growth)
    }
    const { container, name } = steps.at(-1)!
    charges.charge(
      `${container.account}/${container.name}/${name}`,
      steps.map(({ container: { account, project }, charged }) => ({ account, project, bytes: charged })),
    )
    // Nothing is refused from here on.
    return steps.map((step) => {
      used.set(step.container.id, (used.get(step.container.id) ?? 0n) + step.difference.bytes)
      count(step.container.id, step.difference)
      if (step.previous) retire(step.previous, step.keepHistory)
      return make(by, step, changes.length > 1)
    })
  }

  function checkLimit({ id, name, quotaBytes }: ContainerRow, growth: bigint) {
    if (quotaBytes === 0n || growth <= 0n) return
    const bytes = used.get(id)!
    if (bytes + growth <= quotaBytes) return
    const details = `limit: ${quotaBytes} bytes, used: ${bytes}, requested: ${growth}`
    throw new Fault('overLimit', `Container ${JSON.stringify(name)} would exceed its size limit.`, { details })
  }

  function retire(previous: Version, keepHistory: boolean) {
    const unwritten = pending.get(previous)
    if (unwritten) unwritten.place.state = keepHistory ? 'history' : 'passed'
    else (keepHistory ? kept : gone).push(previous.id)
  }

  function make(by: string, { container, name, next, charged }: Step, moving: boolean): Version {
    const place: VersionToWrite = {
      ...next,
      containerId: container.id,
      name,
      uuid: next.uuid ?? randomUUID(),
      follows: firsts.get(keyOf({ containerId: container.id, name })),
    }
    const { available = 1, isSnapshot = false } = next
    const unwritten = { id: UNWRITTEN, createdAt: new Date(0), timestamp: '' }
    const version: Version = { ...place, ...unwritten, state: next.state, available, isSnapshot }
    const each = { version, place }
    made.push(each)
    pending.set(version, each)
    const path = { containerId: container.id, name }
    if (next.state === 'current') currents.set(keyOf(path), version)
    else {
      currents.delete(keyOf(path))
      attached.push(path)
    }
    const objectAction = next.state === 'current' ? 'object update' : 'object delete'
    const where = { account: container.account, container: container.name, name }
    told.push({ place: where, by, objectAction, moving, bytes: charged, version })
    return version
  }

  function count(containerId: bigint, difference: ReturnType<typeof changeOf>) {
    const sum = changed.get(containerId) ?? {
      containerId,
      objects: 0,
      bytes: 0n,
      historyVersions: 0,
      historyBytes: 0n,
      keys: null,
    }
    const keys = difference.keys === null ? sum.keys : { ...sum.keys }
    for (const [key, objects] of Object.entries(difference.keys ?? {})) keys![key] = (keys![key] ?? 0) + objects
    changed.set(containerId, {
      containerId,
      objects: sum.objects + difference.objects,
      bytes: sum.bytes + difference.bytes,
      historyVersions: sum.historyVersions + difference.historyVersions,
      historyBytes: sum.historyBytes + difference.historyBytes,
      keys,
    })
  }

  async function write(tx: Tx, { commits }: { commits: boolean }): Promise<void> {
    const unplaced = useMapsThatExist()
    const large = unplaced.filter(({ content }) => !content.inline)
    if (large.length > 0) await placeLarge(tx, large)
    // All is put into words before anything is asked: nothing may be committed without what could not be said.
    const placeSmall = smallMapsToPlace(unplaced.filter(({ content }) => content.inline))
    const writeMade = versionsToWrite()
    const heal = mapsToHeal()
    // What is dropped from paths first goes along with the versions: nothing said of a path meanwhile is lost by it.
    const first = dropsFrom(0)
    const isLast = commits && first.length === attached.length && !hasEvents(store)
    const before = [made.length > 0 && charges.write(), ...heal.map((each) => each(tx)), placeSmall(tx)]
    const versions = writeMade(tx)
    const all = Promise.all([...before, versions, first.length > 0 && dropAttached(tx, first), isLast && tx.commit()])
    all.catch(() => undefined)
    await versions // when it failed, so did what went along behind it, for no reason of its own
    await all
    if (told.length > 0)
      await objectsChanged(
        tx,
        store,
        told.map(({ version, ...each }) => ({ ...each, versionId: version.id })),
      )
    for (let at = first.length; at < attached.length; ) {
      const paths = dropsFrom(at)
      if (paths.length > 0) await dropAttached(tx, paths)
      at += paths.length
      const work = attached[at++]
      if (typeof work === 'function') await work(tx)
    }
  }

  /** The paths from this place in the list on, up to the next work. */
  function dropsFrom(place: number): Path[] {
    const paths: Path[] = []
    for (let at = place, next = attached[at]; typeof next === 'object'; next = attached[++at]) paths.push(next)
    return paths
  }

  /** Answers those whose content has no map yet. */
  function useMapsThatExist(): Unplaced[] {
    return made.flatMap((each) => {
      const { content } = each.version
      if (!content || content.sizeBytes === 0n || each.place.state === 'passed') return []
      const map = maps.get(keyOfContent(content))
      if (!map) return [{ ...each, content }]
      setMap(each, map.id)
      return []
    })
  }

  function setMap({ version, place }: Made, mapId: bigint) {
    version.mapId = mapId
    place.mapId = mapId
  }

  /** In one order for all. */
  function mapsToHeal(): ((tx: Tx) => Promise<void>)[] {
    const placed = new Map(made.flatMap(({ version: { content } }) => (content ? [[keyOfContent(content), content]] : [])))
    const keys = [...placed.keys()].sort()
    return keys.flatMap((key) => {
      const map = maps.get(key)
      return map ? [(tx) => healMap(tx, store, map, placed.get(key)!)] : []
    })
  }

  /** Maps that refer to blocks get their numbers before the versions do. */
  async function placeLarge(tx: Tx, unplaced: readonly Unplaced[]) {
    const found = await storeMaps(
      tx,
      store,
      unplaced.map(({ content }) => content),
    )
    for (const each of unplaced) {
      const mapId = found.get(keyOfContent(each.content))
      if (mapId === undefined) throw contentIsGone()
      setMap(each, mapId)
    }
  }

  /** Maps that hold their content are found by it when the versions are written. */
  function smallMapsToPlace(unplaced: readonly Unplaced[]): (tx: Tx) => Promise<void> {
    for (const { place } of unplaced) place.findsMap = true
    return smallMapsToAdd(
      store,
      unplaced.map(({ content }) => content),
    )
  }

  function versionsToWrite(): (tx: Tx) => Promise<void> {
    if (made.length === 0) return async () => {}
    const places = made.map(({ place }) => place)
    const { blockSizeBytes } = store
    const write = prepareVersions({ kept, gone, made: places, blockSizeBytes, changes: [...changed.values()] })
    return async (tx) => {
      const written = await write(tx).catch((error) => {
        throw isForeignKeyViolation(error, 'versions_map_id_fkey') ? new RunAgain('a map was removed meanwhile') : error
      })
      for (const { place, id, createdAt, timestamp } of written)
        Object.assign(made[Number(place) - 1]!.version, { id, createdAt, timestamp })
    }
  }

  return {
    current: (path) => currents.get(keyOf(path)),
    change,
    attach: (work) => void attached.push(work),
    write,
  }
}
