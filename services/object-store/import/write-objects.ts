// Writes paths as the original has them, in the places of what was brought of them before.
import { randomUUID } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import type { NewContent } from '../content/content.ts'
import { contentIsGone, keyOfContent, storeMaps } from '../maps.ts'
import { LEAVE_DOMAIN, MANIFEST } from '../objects/manifest-leave.ts'
import type { ObjectStore } from '../open.ts'
import { charge, chargedBytes, openCharges } from '../quota.ts'
import { dropAttached } from '../store/attached.ts'
import { findContainer, type Metadata, shareContainer } from '../store/containers.ts'
import * as imports from '../store/imports.ts'
import { deleteLink, findLinkOf, insertLink } from '../store/links.ts'
import type { OriginalVersion } from '../store/original.ts'
import { setPermissions } from '../store/permissions.ts'
import { type Domains, lockNames } from '../store/versions.ts'
import { attachedOf, choose } from './conflicts.ts'
import { contentHash } from './contents.ts'
import type { ContainerOfOriginal, PreparedPath, Records } from './objects.ts'
import type { Side } from './run.ts'

export interface ObjectsToWrite extends ContainerOfOriginal {
  paths: readonly PreparedPath[]
}

export const DELETED = 2

export const problemOf = ({ problems }: PreparedPath) =>
  problems.map(({ what, problem }) => `${what}: ${problem}`).join('; ') || null

/** What became of paths. */
export interface Written {
  written: PreparedPath[]
  /** Those that were changed here as well, when it was said what to do then: they stay, or were replaced. */
  settled: PreparedPath[]
}

/** Why paths were neither written nor settled is noted with them. */
export async function writeObjects(
  tx: Tx,
  store: ObjectStore,
  { account, container: name, node, paths: asked }: ObjectsToWrite,
  prefer: Side | undefined,
): Promise<Written> {
  const container = await shareContainer(tx, account, name)
  if (!container) throw new Fault('conflict', `Container ${node.path} was deleted here while it was brought`)
  const { id, project } = container
  await lockNames(
    tx,
    asked.map((path) => ({ account, container: name, name: path.name })),
  )
  const before = await recordsOf(tx, asked)
  // Another run, at the same time, may have brought some of them.
  const paths = asked.filter(
    ({ path, digest }) => !(before.get(path)?.problem === null && before.get(path)?.digest.equals(digest)),
  )
  const { chosen, settled, versionsHere } = await choose(tx, id, paths, before, prefer)
  if (prefer === 'here')
    await imports.recordImports(
      tx,
      settled.map(({ path, digest }) => ({ serials: [], asBrought: null, ...before.get(path), path, digest, problem: null })),
    )
  if (chosen.length === 0) return { written: [], settled }
  const names = chosen.map((path) => path.name)
  // In the order of whoever writes: the container, where that is needed, and the quota before maps.
  await imports.historyCountsFromNow(tx, id)
  await openCharges(tx, [{ account, project }])
  const had = await imports.figuresOf(tx, id, names)
  await imports.removeVersions(
    tx,
    chosen.flatMap((path) => versionsHere.get(path.name) ?? []),
  )
  const mapOf = await mapsFor(tx, store, chosen)
  await imports.addVersions(
    tx,
    id,
    chosen.flatMap((path) => path.versions.map((version) => versionOf(account, path, version, mapOf))),
  )
  for (const path of chosen) await attach(tx, id, path, before.has(path.path) || versionsHere.has(path.name))
  const has = await imports.figuresOf(tx, id, names)
  const changedAt = chosen.flatMap(({ versions }) => versions.map(({ mtime }) => mtime)).reduce(later, '0')
  await imports.appendFigures(tx, id, difference(had, has), changedAt)
  await imports.forgetImports(
    tx,
    chosen.filter(({ versions }) => versions.length === 0).map(({ path }) => path),
  )
  const attached = await attachedOf(tx, id, names)
  await imports.recordImports(
    tx,
    chosen
      .filter(({ versions }) => versions.length > 0)
      .map((path) => ({
        path: path.path,
        digest: path.digest,
        serials: path.versions.map(({ serial }) => serial),
        problem: problemOf(path),
        asBrought: attached(path.name),
      })),
  )
  tx.announces('objects', account)
  const bytes = chargedBytes(store, { bytes: has.bytes - had.bytes, historyBytes: has.historyBytes - had.historyBytes })
  await charge(tx, `import ${node.path}`, [{ account, project, bytes }], { force: true })
  return { written: chosen, settled }
}

/** Answers the map of each content. Those of blocks are placed before those that lie in their rows, as by whoever writes. */
async function mapsFor(tx: Tx, store: ObjectStore, paths: readonly PreparedPath[]) {
  const contents = paths.flatMap((path) => [...path.contents.values()])
  const found = new Map([
    ...(await storeMaps(
      tx,
      store,
      contents.filter(({ inline }) => !inline),
    )),
    ...(await storeMaps(
      tx,
      store,
      contents.filter(({ inline }) => inline),
    )),
  ])
  return (content: NewContent) => {
    const map = found.get(keyOfContent(content))
    if (map === undefined && content.sizeBytes > 0n) throw contentIsGone()
    return map ?? null
  }
}

async function recordsOf(q: Queryable, paths: readonly PreparedPath[]): Promise<Records> {
  const records = await imports.importRecords(
    q,
    paths.map(({ path }) => path),
  )
  return new Map(records.map((record) => [record.path, record]))
}

/** What `writeObjects` would do now. */
export async function writable(
  { db }: ObjectStore,
  { account, container: name, paths }: ObjectsToWrite,
  prefer: Side | undefined,
): Promise<Written> {
  const container = await findContainer(db, account, name)
  const { chosen, settled } = await choose(db, container?.id, paths, await recordsOf(db, paths), prefer)
  return { written: chosen, settled }
}

const later = (a: string, b: string) => (Number(b) > Number(a) ? b : a)

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function versionOf(
  account: string,
  path: PreparedPath,
  version: OriginalVersion,
  mapOf: (content: NewContent) => bigint | null,
): imports.ImportedVersion {
  const { name, versions, contents } = path
  const { serial, cluster, size, hash, type, checksum, muser, mtime, uuid, available, mapfile, isSnapshot } = version
  const isLast = version === versions.at(-1)
  const state = cluster === DELETED ? 'deleted' : cluster === 0 && isLast ? 'current' : 'history'
  const content = contents.get(serial)
  const lacksData = state !== 'deleted' && available === 1 && size > 0n && !content
  const { pithos: metadata = {}, ...others } = domainsOf(path, serial)
  const manifest = metadata[MANIFEST]
  if (manifest !== undefined && namerOf(path, version, manifest) === account) others[LEAVE_DOMAIN] = { account, value: manifest }
  return {
    serial,
    name,
    state,
    uuid: uuid && UUID.test(uuid) ? uuid : randomUUID(),
    mapId: content ? mapOf(content) : null,
    hash: content?.hash ?? contentHash(hash) ?? null,
    sizeBytes: size,
    contentType: type ?? '',
    checksum: checksum ?? '',
    modifiedBy: muser ?? '',
    createdAt: mtime,
    metadata,
    domains: Object.keys(others).length > 0 ? others : null,
    available: lacksData ? -1 : available,
    isSnapshot,
    mapName: state === 'deleted' || size === 0n ? null : mapfile || hash,
  }
}

function domainsOf({ attributes }: PreparedPath, of: bigint): Domains {
  const domains: Record<string, Metadata> = {}
  for (const { serial, domain, key, value } of attributes)
    if (serial === of) domains[domain] = { ...domains[domain], [key]: value }
  return domains
}

/** Who named the parts of a manifest, as far as the original remembers: whoever touched the object later kept them. */
function namerOf(path: PreparedPath, version: OriginalVersion, manifest: string): string | null {
  let namer = version.muser
  for (let at = path.versions.indexOf(version) - 1; at >= 0; at -= 1) {
    const { serial, muser } = path.versions[at]!
    if (domainsOf(path, serial)['pithos']?.[MANIFEST] !== manifest) break
    namer = muser
  }
  return namer
}

/** Permissions and the public link, which only something that is there has. */
async function attach(tx: Tx, containerId: bigint, path: PreparedPath, brought: boolean): Promise<void> {
  const { name, versions, grants, link } = path
  if (!brought && grants.length === 0 && link === undefined) return
  if (versions.at(-1)?.cluster !== 0) return dropAttached(tx, [{ containerId, name }])
  const subjects = (access: 'read' | 'write') => grants.filter((each) => each.access === access).map(({ subject }) => subject)
  await setPermissions(tx, containerId, name, { read: subjects('read'), write: subjects('write') })
  if ((await findLinkOf(tx, containerId, name))?.id === link) return
  await deleteLink(tx, containerId, name)
  if (link === undefined || (await insertLink(tx, containerId, name, link, {}))) return
  const problem = `its public id ${link} is that of another object here: it has no public link`
  if (!path.problems.some((each) => each.problem === problem)) path.problems.push({ what: path.path, problem })
}

function difference(had: imports.Figures, has: imports.Figures): imports.Figures {
  const keys: Record<string, number> = {}
  for (const key of new Set([...Object.keys(had.keys), ...Object.keys(has.keys)])) {
    const more = Number(has.keys[key] ?? 0) - Number(had.keys[key] ?? 0)
    if (more !== 0) keys[key] = more
  }
  return {
    objects: has.objects - had.objects,
    bytes: has.bytes - had.bytes,
    historyVersions: has.historyVersions - had.historyVersions,
    historyBytes: has.historyBytes - had.historyBytes,
    keys,
  }
}
