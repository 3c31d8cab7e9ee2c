// The objects of a container, path by path: all versions of a path come, and change, in one transaction.
import type { NewContent } from '../content/content.ts'
import * as imports from '../store/imports.ts'
import {
  attributesOf,
  existingPaths,
  grantsOf,
  linksOf,
  type Node,
  nodesBelow,
  type OriginalAttribute,
  type OriginalGrant,
  type OriginalVersion,
  versionsOf,
} from '../store/original.ts'
import { contentHash, lookAtContent, takeContent } from './contents.ts'
import { digestOf } from './digest.ts'
import { ContentProblem } from './original-files.ts'
import { type ImportProblem, type ImportRun, tellSettled } from './run.ts'
import { DELETED, problemOf, writable, writeObjects } from './write-objects.ts'

export interface ContainerOfOriginal {
  account: string
  container: string
  node: Pick<Node, 'path'>
}

/** Everything that the original has on record of a path; without versions: it is gone there. */
export interface OriginalPath {
  path: string
  name: string
  versions: OriginalVersion[]
  attributes: OriginalAttribute[]
  grants: OriginalGrant[]
  link: string | undefined
  digest: Buffer
}

const NODES_AT_ONCE = 100_000
const PATHS_AT_ONCE = 200
/** In one transaction, unless a path alone has more. */
const VERSIONS_AT_ONCE = 500

export async function importObjects(run: ImportRun, of: ContainerOfOriginal & { node: Node }): Promise<void> {
  for (let after = 0n; ; ) {
    const nodes = await nodesBelow(run.original, of.node.node, after, NODES_AT_ONCE)
    for (let at = 0; at < nodes.length; at += PATHS_AT_ONCE)
      await importPaths(run, of, await readPaths(run, of, nodes.slice(at, at + PATHS_AT_ONCE)))
    if (nodes.length < NODES_AT_ONCE) break
    after = nodes.at(-1)!.node
  }
  await dropGone(run, of)
}

const nameIn = ({ node }: ContainerOfOriginal, path: string) => path.slice(node.path.length + 1)

async function readPaths(
  { original, shape }: ImportRun,
  of: ContainerOfOriginal,
  nodes: readonly Node[],
): Promise<OriginalPath[]> {
  const ids = nodes.map(({ node }) => node)
  const paths = nodes.map(({ path }) => path)
  const versions = Map.groupBy(await versionsOf(original, shape, ids), ({ node }) => node)
  const attributes = Map.groupBy(await attributesOf(original, ids), ({ serial }) => serial)
  const grants = Map.groupBy(await grantsOf(original, paths), ({ path }) => path)
  const links = new Map((await linksOf(original, shape, paths)).map(({ path, id }) => [path, id]))
  return nodes.map(({ node, path }) => {
    const own = versions.get(node) ?? []
    const facts = {
      versions: own,
      attributes: own.flatMap(({ serial }) => attributes.get(serial) ?? []),
      grants: grants.get(path) ?? [],
      link: links.get(path),
    }
    return { path, name: nameIn(of, path), ...facts, digest: digestOf(facts) }
  })
}

/** Paths that were brought and that the original has not any more; of a container that is gone itself, all of them. */
export async function dropGone(run: ImportRun, of: ContainerOfOriginal): Promise<void> {
  const { store, original } = run
  for (let after = ''; ; ) {
    const records = await imports.importRecordsBelow(store.db, of.node.path, after, PATHS_AT_ONCE)
    if (records.length === 0) return
    const there = await existingPaths(
      original,
      records.map(({ path }) => path),
    )
    const gone = records.filter(({ path }) => !there.has(path))
    const nothing = { versions: [], attributes: [], grants: [], link: undefined, digest: digestOf(null) }
    await importPaths(
      run,
      of,
      gone.map(({ path }) => ({ path, name: nameIn(of, path), ...nothing })),
    )
    after = records.at(-1)!.path
  }
}

/** Brings those of the paths that are not on record as they are. */
async function importPaths(run: ImportRun, of: ContainerOfOriginal, paths: readonly OriginalPath[]): Promise<void> {
  const { store, report } = run
  const before = new Map(
    (
      await imports.importRecords(
        store.db,
        paths.map(({ path }) => path),
      )
    ).map((record) => [record.path, record]),
  )
  let group: OriginalPath[] = []
  let versions = 0
  for (const path of paths) {
    const record = before.get(path.path)
    const nothing = path.versions.length === 0 && !record
    if (nothing) continue
    if (record?.problem === null && record.digest.equals(path.digest)) {
      report.unchanged += 1
      continue
    }
    if (versions > 0 && versions + path.versions.length > VERSIONS_AT_ONCE) {
      await importGroup(run, of, group, before)
      group = []
      versions = 0
    }
    group.push(path)
    versions += path.versions.length
  }
  if (group.length > 0) await importGroup(run, of, group, before)
}

export type Records = ReadonlyMap<string, imports.ImportRecord>

export interface PreparedPath extends OriginalPath {
  /** Of versions by their numbers. */
  contents: Map<bigint, NewContent>
  problems: ImportProblem[]
}

async function importGroup(
  run: ImportRun,
  of: ContainerOfOriginal,
  group: readonly OriginalPath[],
  before: Records,
): Promise<void> {
  const { store, dry, report, prefer } = run
  const prepared: PreparedPath[] = []
  for (const ready of await prepareAll(run, group)) {
    const record = before.get(ready.path)
    if (record?.digest.equals(ready.digest) && record.problem === problemOf(ready)) report.problems.push(...ready.problems)
    else prepared.push(ready)
  }
  if (prepared.length === 0) return
  const objects = { ...of, paths: prepared }
  const { written, settled } = dry
    ? await writable(store, objects, prefer)
    : await store.db.transaction((tx) => writeObjects(tx, store, objects, prefer), { patient: true })
  for (const { path } of settled) tellSettled(run, path)
  report.objects += written.length
  report.versions += written.reduce((sum, { versions }) => sum + versions.length, 0)
  report.problems.push(...prepared.flatMap(({ problems }) => problems))
}

/** Paths whose contents are taken at once: small ones are read one by one, and a disk serves several readers better. */
const PREPARED_AT_ONCE = 4

async function prepareAll(run: ImportRun, paths: readonly OriginalPath[]): Promise<PreparedPath[]> {
  const prepared: PreparedPath[] = []
  const waiting = [...paths.entries()]
  async function work() {
    for (let next = waiting.shift(); next; next = waiting.shift()) prepared[next[0]] = await prepare(run, next[1])
  }
  try {
    await Promise.all(Array.from({ length: PREPARED_AT_ONCE }, work))
  } finally {
    waiting.length = 0 // the others end when one fails
  }
  return prepared
}

/** Takes the contents of a path, outside of any transaction. */
async function prepare(run: ImportRun, path: OriginalPath): Promise<PreparedPath> {
  const { store, files, report } = run
  const contents = new Map<bigint, NewContent>()
  const problems: ImportProblem[] = []
  const inline = path.versions.length <= VERSIONS_AT_ONCE // they are all in memory until they are written
  const taken = new Map<string, Promise<NewContent | undefined>>()
  for (const { serial, cluster, available, size, mapfile, hash } of path.versions) {
    if (cluster === DELETED || available !== 1 || size === 0n) continue
    const wanted = { map: mapfile || (hash ?? ''), sizeBytes: size, hash: contentHash(hash), inline }
    const key = `${wanted.map} ${size} ${wanted.hash}`
    const taking: Promise<NewContent | undefined> =
      taken.get(key) ??
      (run.dry ? lookAtContent(files, wanted, report).then(() => undefined) : takeContent(store, files, wanted, report))
    taken.set(key, taking)
    try {
      const content = await taking
      if (content) contents.set(serial, content)
    } catch (error) {
      if (!(error instanceof ContentProblem)) throw error
      problems.push({
        what: `${path.path} version ${serial}`,
        problem: `${error.message}; it is brought without its data, as broken`,
      })
    }
  }
  return { ...path, contents, problems }
}
