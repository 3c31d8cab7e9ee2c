import type { ObjectStore } from '../open.ts'
import { charge, chargedBytes } from '../quota.ts'
import { shareContainer } from '../store/containers.ts'
import {
  type ContainerPlace,
  containersAfter,
  endOfStretch,
  type Retention,
  removeOldVersions,
  type Stretch,
} from '../store/retention.ts'
import { noteEvents } from './events.ts'

/** Versions looked at, and removed, in one transaction: writers of the same paths hardly notice. */
const STRETCH_VERSIONS = 5000
const CONTAINERS_AT_ONCE = 500
const DAY_SECONDS = 86_400

/** What the cloud keeps; undefined: everything. */
export function retentionOf({ settings }: Pick<ObjectStore, 'settings'>): Retention | undefined {
  const { PITHOS_HISTORY_DAYS: days, PITHOS_HISTORY_VERSIONS: versions } = settings
  if (days === 0 && versions === 0) return undefined
  return { seconds: days === 0 ? undefined : days * DAY_SECONDS, versions: versions === 0 ? undefined : versions }
}

export interface Walk {
  /** The container after which to begin. */
  after: bigint
  /** Asked after each container. */
  goOn: (position: bigint) => Promise<boolean>
}

/** Goes through the containers, stretch by stretch of their names. Tells how many versions were removed, and whether it came to the end. */
export async function applyRetention(store: ObjectStore, retention: Retention, { after, goOn }: Walk) {
  let removed = 0
  let containers = await containersAfter(store.db, after, CONTAINERS_AT_ONCE)
  while (containers.length > 0) {
    for (const container of containers) {
      removed += await thinOutContainer(store, container, retention)
      if (!(await goOn(container.id))) return { removed, ended: false }
    }
    containers = await containersAfter(store.db, containers.at(-1)!.id, CONTAINERS_AT_ONCE)
  }
  return { removed, ended: true }
}

async function thinOutContainer(
  store: ObjectStore,
  { id, account, name }: ContainerPlace,
  retention: Retention,
): Promise<number> {
  let removed = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const end: { name: string } | undefined = await endOfStretch(store.db, id, after, STRETCH_VERSIONS)
    const stretch = { containerId: id, after, upTo: end?.name }
    for (let some = STRETCH_VERSIONS; some >= STRETCH_VERSIONS; removed += some)
      some = await thinOut(store, { account, name }, stretch, retention)
    after = end?.name
  }
  return removed
}

function thinOut(
  store: ObjectStore,
  { account, name }: Pick<ContainerPlace, 'account' | 'name'>,
  stretch: Stretch,
  retention: Retention,
): Promise<number> {
  return store.db.transaction(async (tx) => {
    const container = await shareContainer(tx, account, name)
    if (container?.id !== stretch.containerId) return 0 // it was deleted meanwhile
    const { removed: versions, historyBytes } = await removeOldVersions(tx, stretch, retention, STRETCH_VERSIONS)
    const path = `${account}/${name}`
    const bytes = -chargedBytes(store, { bytes: 0n, historyBytes })
    if (versions.length > 0)
      await noteEvents(tx, store, [{ account, userId: account, path, action: 'container purge', versions, bytes }])
    await charge(tx, path, [{ account, project: container.project, bytes }])
    return versions.length
  })
}
