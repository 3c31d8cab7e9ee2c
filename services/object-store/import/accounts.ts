import { existingUsers, quotasOf } from '@synnefo/identity'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import { defaultPolicy, removeEmpty } from '../containers.ts'
import { checkName } from '../names.ts'
import { DISKSPACE } from '../quota.ts'
import { type ContainerRow, findContainer, hasObjects, hasVersions, lockContainer, type Metadata } from '../store/containers.ts'
import * as imports from '../store/imports.ts'
import { attributesOf, existingPaths, groupsOf, type Node, nodesBelow, policiesOf, versionsOf } from '../store/original.ts'
import { digestOf } from './digest.ts'
import { dropGone, importObjects } from './objects.ts'
import { type ImportRun, tellSettled } from './run.ts'

const CONTAINERS_AT_ONCE = 1000

/** What the versions of an account or a container say: its metadata, now and before, and its times. */
async function described({ original, shape }: ImportRun, { node }: Node) {
  const versions = await versionsOf(original, shape, [node])
  const attributes = await attributesOf(original, [node])
  const metadataOf = (serial: bigint): Metadata =>
    Object.fromEntries(
      attributes.filter((each) => each.serial === serial && each.domain === 'pithos').map(({ key, value }) => [key, value]),
    )
  const now = String(Date.now() / 1000)
  return {
    metadata: versions.length > 0 ? metadataOf(versions.at(-1)!.serial) : {},
    past: versions.slice(1).map(({ mtime }, i) => ({ metadata: metadataOf(versions[i]!.serial), replacedAt: mtime })),
    createdAt: versions[0]?.mtime ?? now,
    modifiedAt: versions.at(-1)?.mtime ?? now,
    digested: [versions.map(({ serial }) => serial), attributes],
  }
}

export async function importAccount(run: ImportRun, node: Node): Promise<void> {
  const { store, original, report } = run
  const account = node.path
  run.tell(`account ${account}`)
  const projects = new Set(
    (await quotasOf(store.db, account)).filter(({ resource }) => resource === DISKSPACE).map(({ project }) => project),
  )
  if (!projects.has(account)) {
    const problem = 'its owner has no quota, because the person was never active: nothing of it was brought'
    return void report.problems.push({ what: account, problem })
  }
  const { digested, ...facts } = await described(run, node)
  const policies = await policiesOf(original, node.node)
  const groups = await groupsOf(original, account)
  const members = await existingUsers(store.db, [...new Set(groups.map(({ member }) => member))])
  const problems = groups
    .filter(({ member }) => !members.has(member))
    .map(({ name, member }) => `${member} of group ${name} is no person of this cloud, and is no member any more`)
  const digest = digestOf([digested, [...policies], groups])
  const problem = problems.join('; ') || null
  for (const each of problems) report.problems.push({ what: account, problem: each })
  const [before] = await imports.importRecords(store.db, [account])
  if (before?.digest.equals(digest) && before.problem === problem) report.unchanged += 1
  else {
    const own = { id: account, ...facts, quotaBytes: readBytes(policies.get('quota')) ?? null }
    const known = groups.filter(({ member }) => members.has(member))
    const record = { path: account, digest, serials: [], problem }
    const changed = run.dry
      ? accountChanged(before, await imports.accountHere(store.db, account))
      : await store.db.transaction((tx) => writeAccount(tx, run, { own, groups: known, record }))
    settle(run, account, changed, () => {
      report.accounts += 1
    })
  }
  for (let after = 0n; ; ) {
    const containers = await nodesBelow(original, node.node, after, CONTAINERS_AT_ONCE)
    if (containers.length === 0) break
    for (const container of containers) await importContainer(run, account, container, projects)
    after = containers.at(-1)!.node
  }
  await dropGoneContainers(run, account)
}

/** What was changed here, when it was, is told or settled as the run was told to. */
function settle(run: ImportRun, path: string, changed: string | undefined, written: () => void): void {
  if (changed && run.prefer === undefined) run.report.problems.push({ what: path, problem: changed })
  else if (changed) tellSettled(run, path)
  if (!changed || run.prefer === 'original') written()
}

function digestOfAccount(here: imports.AccountHere | undefined): Buffer {
  const { metadata = {}, quotaBytes = null, groups = [] } = here ?? {}
  return digestOf([Object.entries(metadata).sort(), quotaBytes, groups])
}

function accountChanged(before: imports.ImportRecord | undefined, here: imports.AccountHere | undefined): string | undefined {
  if (!before && here && here.groups.length > 0)
    return 'there are groups here: they stay, and metadata and groups of the original were not brought'
  return before?.asBrought && !before.asBrought.equals(digestOfAccount(here))
    ? 'its metadata, size or groups were changed here since they were brought, and in the original as well: they stay as they are here'
    : undefined
}

interface AccountToWrite {
  own: imports.ImportedAccount
  groups: readonly imports.GroupMember[]
  record: Omit<imports.ImportRecord, 'asBrought'>
}

/** Answers what was changed here meanwhile. */
async function writeAccount(tx: Tx, { prefer }: ImportRun, { own, groups, record }: AccountToWrite): Promise<string | undefined> {
  await imports.lockAccount(tx, own.id)
  const [before] = await imports.importRecords(tx, [own.id])
  const changed = accountChanged(before, await imports.accountHere(tx, own.id))
  if (changed && prefer !== 'original') {
    if (prefer === 'here') await imports.recordImports(tx, [{ ...record, asBrought: before?.asBrought ?? CHANGED_HERE }])
    return changed
  }
  const asItWasBrought = Boolean(before?.asBrought) && !changed
  await imports.writeAccount(tx, own, { replaces: asItWasBrought || changed !== undefined })
  await imports.writeGroups(tx, own.id, groups)
  await imports.recordImports(tx, [{ ...record, asBrought: digestOfAccount(await imports.accountHere(tx, own.id)) }])
  tx.announces('objects', own.id)
  return changed
}

/** In the place of a digest of what was brought: it is something else, whatever it is. */
const CHANGED_HERE = Buffer.alloc(0)

/** Containers that were brought and that the original has not any more go with what is as it was brought. */
async function dropGoneContainers(run: ImportRun, account: string): Promise<void> {
  const { store, original, report } = run
  const brought = await imports.importedContainers(store.db, account)
  const there = await existingPaths(original, brought)
  for (const path of brought.filter((each) => !there.has(each))) {
    const name = path.slice(account.length + 1)
    if (await findContainer(store.db, account, name)) await dropGone(run, { account, container: name, node: { path } })
    if (run.dry) continue
    const stays = await store.db.transaction(async (tx) => {
      const container = await lockContainer(tx, account, name)
      if (container && (await hasVersions(tx, container.id)).answer) return true
      if (container) await removeEmpty(tx, store, container)
      await imports.forgetImports(tx, [path])
      return false
    })
    if (stays && run.prefer !== 'here')
      report.problems.push({ what: path, problem: 'the original has it no more; it stays for what was changed here' })
  }
}

const LARGEST = 2n ** 63n - 1n

function readBytes(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return undefined
  const bytes = BigInt(text)
  return bytes > LARGEST ? undefined : bytes
}

async function importContainer(run: ImportRun, account: string, node: Node, projects: ReadonlySet<string>): Promise<void> {
  const { store, original, report } = run
  const name = node.path.slice(account.length + 1)
  const { digested, ...facts } = await described(run, node)
  const policies = await policiesOf(original, node.node)
  const defaults = defaultPolicy(store, account)
  const wanted = policies.get('project') ?? account
  const problems: string[] = []
  if (!projects.has(wanted))
    problems.push(`its owner is no member of project ${wanted}: it is charged to the project of the owner`)
  const versioning = policies.get('versioning')
  const container: imports.ImportedContainer = {
    account,
    name,
    ...facts,
    quotaBytes: readBytes(policies.get('quota')) ?? defaults.quotaBytes,
    versioning: versioning === 'auto' || versioning === 'none' ? versioning : defaults.versioning,
    project: projects.has(wanted) ? wanted : account,
  }
  try {
    checkName('container', name)
  } catch (error) {
    return void report.problems.push({ what: node.path, problem: `nothing of it was brought: ${(error as Error).message}` })
  }
  const digest = digestOf([digested, [...policies]])
  const [before] = await imports.importRecords(store.db, [node.path])
  const here = await findContainer(store.db, account, name)
  if (before && !here && run.prefer !== 'original') {
    if (run.prefer === 'here') return void tellSettled(run, node.path)
    const problem = 'it was brought before and deleted here: it was not brought again'
    return void report.problems.push({ what: node.path, problem })
  }
  if (before && here && here.project !== container.project && problems.length === 0)
    problems.push(`its project is ${wanted} in the original and ${here.project} here: it stays as it is here`)
  const problem = problems.join('; ') || null
  if (here && before?.digest.equals(digest) && before.problem === problem) report.unchanged += 1
  else {
    const record = { path: node.path, digest, serials: [], problem }
    const changed = run.dry
      ? here && (await containerChanged(store.db, before, here))
      : await store.db.transaction((tx) => writeContainer(tx, run, container, record))
    if (before && !here) tellSettled(run, node.path)
    settle(run, node.path, changed, () => {
      report.containers += 1
    })
  }
  for (const each of problems) report.problems.push({ what: node.path, problem: each })
  await importObjects(run, { account, container: name, node })
}

const digestOfContainer = ({ quotaBytes, versioning, metadata }: ContainerRow) =>
  digestOf([quotaBytes, versioning, Object.entries(metadata).sort()])

async function containerChanged(
  q: Queryable,
  before: imports.ImportRecord | undefined,
  here: ContainerRow,
): Promise<string | undefined> {
  if (before)
    return before.asBrought && !before.asBrought.equals(digestOfContainer(here))
      ? 'its policies or metadata were changed here since they were brought, and in the original as well: they stay as they are here'
      : undefined
  const unused = Object.keys(here.metadata).length === 0 && !(await hasObjects(q, here.id)).answer
  return unused ? undefined : 'there is a container of this name here: its policies and metadata stay, objects come into it'
}

/** Answers what was changed here meanwhile. */
async function writeContainer(
  tx: Tx,
  { prefer }: ImportRun,
  container: imports.ImportedContainer,
  record: Omit<imports.ImportRecord, 'asBrought'>,
): Promise<string | undefined> {
  const added = await imports.addImportedContainer(tx, container)
  const here: ContainerRow = (await lockContainer(tx, container.account, container.name))!
  const [before] = await imports.importRecords(tx, [record.path]) // by another run at this moment, too
  const changed = added ? undefined : await containerChanged(tx, before, here)
  if (changed && prefer !== 'original') {
    // A container that was here before is told once; from then on its objects are what comes.
    if (prefer === 'here' || !before)
      await imports.recordImports(tx, [{ ...record, asBrought: before?.asBrought ?? CHANGED_HERE }])
    return changed
  }
  if (!added) await imports.refreshContainer(tx, here.id, container)
  else if (before) await imports.forgetImportsBelow(tx, record.path) // it was deleted here, with all that was brought
  const now: ContainerRow = (await lockContainer(tx, container.account, container.name))!
  await imports.recordImports(tx, [{ ...record, asBrought: digestOfContainer(now) }])
  tx.announces('objects', container.account)
  return changed
}
