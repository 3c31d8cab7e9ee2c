import { existingUsers, quotasOf } from '@synnefo/identity'
import type { Tx } from '@synnefo/lib/sql'
import { defaultPolicy, removeEmpty } from '../containers.ts'
import { checkName } from '../names.ts'
import { DISKSPACE } from '../quota.ts'
import { type ContainerRow, findContainer, hasObjects, hasVersions, lockContainer, type Metadata } from '../store/containers.ts'
import * as imports from '../store/imports.ts'
import { attributesOf, existingPaths, groupsOf, type Node, nodesBelow, policiesOf, versionsOf } from '../store/original.ts'
import { digestOf } from './digest.ts'
import { dropGone, importObjects } from './objects.ts'
import type { ImportRun } from './run.ts'

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
    report.accounts += 1
    if (!run.dry)
      await store.db.transaction(async (tx) => {
        await imports.writeAccount(tx, { id: account, ...facts, quotaBytes: readBytes(policies.get('quota')) ?? null })
        await imports.writeGroups(
          tx,
          account,
          groups.filter(({ member }) => members.has(member)),
        )
        await imports.recordImports(tx, [{ path: account, digest, serials: [], problem }])
        tx.announces('objects', account)
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
    if (stays) report.problems.push({ what: path, problem: 'the original has it no more; it stays for what was changed here' })
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
  if (before && !here)
    return void report.problems.push({
      what: node.path,
      problem: 'it was brought before and deleted here: it was not brought again',
    })
  if (before && here && here.project !== container.project && problems.length === 0)
    problems.push(`its project is ${wanted} in the original and ${here.project} here: it stays as it is here`)
  const problem = problems.join('; ') || null
  if (before?.digest.equals(digest) && before.problem === problem) report.unchanged += 1
  else {
    report.containers += 1
    if (!run.dry)
      await store.db.transaction(async (tx) => {
        const kept = await writeContainer(tx, container, node.path)
        if (kept) problems.push(kept)
        await imports.recordImports(tx, [{ path: node.path, digest, serials: [], problem }])
        tx.announces('objects', account)
      })
  }
  for (const each of problems) report.problems.push({ what: node.path, problem: each })
  await importObjects(run, { account, container: name, node })
}

/** Answers what stays as it is here. */
async function writeContainer(tx: Tx, container: imports.ImportedContainer, path: string): Promise<string | undefined> {
  if (await imports.addImportedContainer(tx, container)) return undefined
  const here: ContainerRow = (await lockContainer(tx, container.account, container.name))!
  const brought = (await imports.importRecords(tx, [path])).length > 0 // by another run at this moment, too
  const unused = Object.keys(here.metadata).length === 0 && !(await hasObjects(tx, here.id)).answer
  if (!brought && !unused) return 'there is a container of this name here: its policies and metadata stay, objects come into it'
  await imports.refreshContainer(tx, here.id, container)
  return undefined
}
