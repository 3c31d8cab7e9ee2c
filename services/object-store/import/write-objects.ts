// Writes paths as the original has them, in the places of what was brought of them before.
import { randomUUID } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import type { NewContent } from '../content/content.ts'
import { contentIsGone, keyOfContent, storeMaps } from '../maps.ts'
import { LONGEST_NAME } from '../names.ts'
import { LEAVE_DOMAIN, MANIFEST } from '../objects/manifest-leave.ts'
import type { ObjectStore } from '../open.ts'
import { charge, chargedBytes } from '../quota.ts'
import { dropAttached } from '../store/attached.ts'
import { findContainer, type Metadata, shareContainer } from '../store/containers.ts'
import * as imports from '../store/imports.ts'
import { deleteLink, findLinkOf, insertLink } from '../store/links.ts'
import type { OriginalVersion } from '../store/original.ts'
import { setPermissions } from '../store/permissions.ts'
import { type Domains, lockNames } from '../store/versions.ts'
import { contentHash } from './contents.ts'
import type { ContainerOfOriginal, PreparedPath, Records } from './objects.ts'

export interface ObjectsToWrite extends ContainerOfOriginal {
  paths: readonly PreparedPath[]
}

export const DELETED = 2

export const problemOf = ({ problems }: PreparedPath) =>
  problems.map(({ what, problem }) => `${what}: ${problem}`).join('; ') || null

/** Answers those of the paths that were written; why the others were not is noted with them. */
export async function writeObjects(
  tx: Tx,
  store: ObjectStore,
  { account, container: name, node, paths: asked }: ObjectsToWrite,
): Promise<PreparedPath[]> {
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
  const chosen = await withoutConflicts(tx, id, paths, before)
  if (chosen.length === 0) return []
  const names = chosen.map((path) => path.name)
  const had = await imports.figuresOf(tx, id, names)
  await imports.removeVersions(
    tx,
    chosen.flatMap(({ path }) => before.get(path)?.serials ?? []),
  )
  const maps = await storeMaps(
    tx,
    store,
    chosen.flatMap(({ contents }) => [...contents.values()]),
  )
  const mapOf = (content: NewContent) => {
    const map = maps.get(keyOfContent(content))
    if (map === undefined && content.sizeBytes > 0n) throw contentIsGone()
    return map ?? null
  }
  await imports.addVersions(
    tx,
    id,
    chosen.flatMap((path) => path.versions.map((version) => versionOf(account, path, version, mapOf))),
  )
  for (const path of chosen) await attach(tx, id, path, before.has(path.path))
  const has = await imports.figuresOf(tx, id, names)
  const changedAt = chosen.flatMap(({ versions }) => versions.map(({ mtime }) => mtime)).reduce(later, '0')
  await imports.appendFigures(tx, id, difference(had, has), changedAt)
  await imports.historyCountsFromNow(tx, id)
  await imports.forgetImports(
    tx,
    chosen.filter(({ versions }) => versions.length === 0).map(({ path }) => path),
  )
  await imports.recordImports(
    tx,
    chosen
      .filter(({ versions }) => versions.length > 0)
      .map((path) => ({ ...path, serials: path.versions.map(({ serial }) => serial), problem: problemOf(path) })),
  )
  tx.announces('objects', account)
  const bytes = chargedBytes(store, { bytes: has.bytes - had.bytes, historyBytes: has.historyBytes - had.historyBytes })
  await charge(tx, `import ${node.path}`, [{ account, project, bytes }], { force: true })
  return chosen
}

async function recordsOf(q: Queryable, paths: readonly PreparedPath[]): Promise<Records> {
  const records = await imports.importRecords(
    q,
    paths.map(({ path }) => path),
  )
  return new Map(records.map((record) => [record.path, record]))
}

/** Those of the paths that `writeObjects` would write now. */
export async function writable(
  { db }: ObjectStore,
  { account, container: name, paths }: ObjectsToWrite,
): Promise<PreparedPath[]> {
  const container = await findContainer(db, account, name)
  return withoutConflicts(db, container?.id, paths, await recordsOf(db, paths))
}

const later = (a: string, b: string) => (Number(b) > Number(a) ? b : a)

/** Those of the paths that may be written; the problem of the others is noted with them. */
async function withoutConflicts(
  q: Queryable,
  containerId: bigint | undefined,
  group: readonly PreparedPath[],
  before: Records,
): Promise<PreparedPath[]> {
  const names = group.map(({ name }) => name)
  const rows = containerId === undefined ? [] : await imports.versionIdsOf(q, containerId, names)
  const here = Map.groupBy(rows, ({ name }) => name)
  const ours = new Set(rows.map(({ id }) => id))
  const foreign = await imports.takenSerials(
    q,
    group.flatMap(({ versions }) => versions.map(({ serial }) => serial)).filter((serial) => !ours.has(serial)),
  )
  return group.filter((path) => {
    const ids = (here.get(path.name) ?? []).map(({ id }) => String(id))
    const problem = conflictOf(path, ids, before.get(path.path), foreign)
    if (problem) path.problems.splice(0, path.problems.length, { what: path.path, problem })
    return !problem
  })
}

function conflictOf(
  { name, versions }: PreparedPath,
  here: readonly string[],
  before: imports.ImportRecord | undefined,
  foreign: ReadonlySet<bigint>,
): string | undefined {
  if ([...name].length > LONGEST_NAME.object || name === '')
    return `its name is empty or longer than ${LONGEST_NAME.object} characters`
  const brought = (before?.serials ?? []).map(String)
  if (here.join() !== brought.join())
    return before
      ? 'it was changed here since it was brought, and in the original as well: it stays as it is here'
      : 'there is an object of this name here: it stays, and that of the original was not brought'
  const taken = versions.find(({ serial }) => foreign.has(serial))
  return taken && `version ${taken.serial} is the number of another one here: it was not brought`
}

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
