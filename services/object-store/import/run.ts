// Brings an installation of the original over: accounts, containers and objects with their past, under the numbers, ids and
// times that they have there. What was brought is on record by path (`object_store.imports`), with a digest of what the
// original said of it: a run goes on where another one ended, brings what changed since, and touches nothing twice. What
// was changed here meanwhile stays as it is, and is reported.
import { existingUsers } from '@synnefo/identity'
import type { ObjectStore } from '../open.ts'
import { leaveNumbersTo } from '../store/imports.ts'
import { lastSerial, type Node, nodeOf, nodesBelow, type OriginalShape } from '../store/original.ts'
import { importAccount } from './accounts.ts'
import type { Original } from './original.ts'
import type { OriginalFiles } from './original-files.ts'

export const SIDES = ['here', 'original'] as const
export type Side = (typeof SIDES)[number]

export interface ImportProblem {
  /** A path in the words of the original, with a version where it is about one. */
  what: string
  problem: string
}

export interface ImportReport {
  accounts: number
  containers: number
  /** Paths of objects, also of deleted ones. */
  objects: number
  versions: number
  blocks: number
  /** Of the blocks. */
  bytes: number
  /** Paths that an earlier run brought as they are. */
  unchanged: number
  /** What both sides changed, when it was said which one counts. */
  settled: number
  problems: ImportProblem[]
}

export interface ImportRun {
  store: ObjectStore
  original: Original
  shape: OriginalShape
  files: OriginalFiles
  /** Find out what there is to bring, and change nothing. */
  dry: boolean
  /** Which side counts where both changed something. Undefined: what is here stays and is reported, each time again. */
  prefer: Side | undefined
  report: ImportReport
  /** Told what is being worked on. */
  tell(text: string): void
}

export const nothingImported = (): ImportReport => ({
  accounts: 0,
  containers: 0,
  objects: 0,
  versions: 0,
  blocks: 0,
  bytes: 0,
  unchanged: 0,
  settled: 0,
  problems: [],
})

export function tellSettled({ prefer, report, tell }: ImportRun, path: string): void {
  report.settled += 1
  tell(`${path}: changed here as well; ${prefer === 'here' ? 'it stays as it is here' : 'it becomes what it is in the original'}`)
}

const ROOT = 0n
const ACCOUNTS_AT_ONCE = 1000
/** Numbers of versions that stay free for what the original makes while people still use it. */
const NUMBERS_LEFT = 1_000_000_000n

export async function importAll(run: ImportRun, only: string | undefined): Promise<void> {
  if (!run.dry) await leaveNumbersTo(run.store.db, await lastSerial(run.original), NUMBERS_LEFT)
  for await (const nodes of accountNodes(run, only)) {
    const owners = await existingUsers(
      run.store.db,
      nodes.map(({ path }) => path),
    )
    for (const node of nodes) {
      if (owners.has(node.path)) await importAccount(run, node)
      else
        run.report.problems.push({
          what: node.path,
          problem: 'its owner is no person of this cloud: nothing of it was brought. Add the person with this id, then run again',
        })
    }
  }
}

async function* accountNodes({ original, report }: ImportRun, only: string | undefined): AsyncGenerator<Node[]> {
  if (only !== undefined) {
    const node = await nodeOf(original, only)
    if (node && !only.includes('/')) yield [node]
    else report.problems.push({ what: only, problem: 'the original has no such account' })
    return
  }
  for (let after = ROOT; ; ) {
    const nodes = await nodesBelow(original, ROOT, after, ACCOUNTS_AT_ONCE)
    if (nodes.length === 0) return
    yield nodes
    after = nodes.at(-1)!.node
  }
}
