// Whether the store is as it must be: every version has its content, every map its blocks, every figure counts what is
// there. Looks while people work.
import { rootHash, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { packHashes, unpackHashes } from '../content/content.ts'
import type { ObjectStore } from '../open.ts'
import { type DamagedBlock, listDamage, needsOf } from '../store/damage.ts'
import * as facts from '../store/fsck.ts'
import { nameNeed, nothingScrubbed, recheckDamage, type Scrubbed, scrub } from './scrub.ts'

export type Problem = facts.Broken

export interface FsckOptions {
  /** Only what this account has. */
  account?: string | undefined
  /** Read every block, and not only look whether it is there. */
  verifyData?: boolean
  /** Make figures and references agree with what is there. */
  fix?: boolean
}

export interface FsckReport {
  problems: Problem[]
  /** What was made good, in words. */
  fixed: string[]
  scrubbed: Scrubbed
}

const ZERO_DIGEST = Buffer.from(ZERO_BLOCK, 'hex')
const MAPS_AT_ONCE = 200
const NEEDS_AT_MOST = 1000

export async function fsck(store: ObjectStore, { account, verifyData = false, fix = false }: FsckOptions): Promise<FsckReport> {
  const { db } = store
  const report: FsckReport = { problems: [], fixed: [], scrubbed: nothingScrubbed() }
  // Walks through whole tables: as long as it takes.
  const look = <T>(question: (q: Parameters<typeof facts.brokenNames>[0]) => Promise<T>) =>
    db.transaction(question, { patient: true })

  report.problems.push(...(await look((q) => facts.brokenVersions(q, account))))
  report.problems.push(...(await look((q) => facts.brokenNames(q, account))))
  report.problems.push(...(await brokenRoots(store, account)))
  await checkReferences(store, report, { account, fix, look })
  await checkStatistics(store, report, { account, fix, look })

  await recheckDamage(store, report.scrubbed)
  await scrub(store, report.scrubbed, { account, verifyData })
  const damaged = await listDamage(db)
  report.problems.push(...(await describeDamage(store, damaged, account)))
  return report
}

interface Looking extends Pick<FsckOptions, 'account' | 'fix'> {
  look: <T>(question: (q: Parameters<typeof facts.brokenNames>[0]) => Promise<T>) => Promise<T>
}

async function checkReferences({ db }: ObjectStore, report: FsckReport, { account, fix, look }: Looking): Promise<void> {
  const missing = await look((q) => facts.missingReferences(q, account, ZERO_DIGEST))
  const dangling = account === undefined ? await look((q) => facts.danglingReferences(q)) : []
  for (const { mapId, problem, what, neededBy } of [...missing, ...dangling]) {
    if (!fix) report.problems.push({ problem, what, neededBy })
    else {
      await db.transaction((tx) => facts.mendReferences(tx, mapId, ZERO_DIGEST), { patient: true })
      report.fixed.push(`references of map ${mapId}`)
    }
  }
}

async function checkStatistics({ db }: ObjectStore, report: FsckReport, { account, fix, look }: Looking): Promise<void> {
  for (const difference of await look((q) => facts.statisticsDifferences(q, account))) {
    const path = `${difference.account}/${difference.container}`
    if (!fix) report.problems.push({ problem: 'statistics', what: describeDifference(difference), neededBy: path })
    else if (await db.transaction((tx) => facts.mendStatistics(tx, difference.containerId), { patient: true }))
      report.fixed.push(`statistics of ${path}`)
  }
}

function describeDifference({ objects, bytes, historyVersions, historyBytes, keys }: facts.StatisticsDifference): string {
  const figures = { objects, bytes, 'past versions': historyVersions, 'past bytes': historyBytes, ...keys }
  return Object.entries(figures)
    .filter(([, off]) => BigInt(off) !== 0n)
    .map(([name, off]) => `${BigInt(off) > 0n ? '+' : ''}${off} ${name}`)
    .join(', ')
}

async function brokenRoots({ db }: ObjectStore, account: string | undefined): Promise<Problem[]> {
  const broken = (await facts.brokenSmallMaps(db, account)).map(({ id }) => id)
  for (let after = 0n; ; ) {
    const some = await facts.mapsOfSeveralBlocks(db, after, account, MAPS_AT_ONCE)
    broken.push(...some.filter(({ root, hashes }) => rootHash(unpackHashes(hashes)) !== root).map(({ id }) => id))
    if (some.length === 0) break
    after = some.at(-1)!.id
  }
  return broken.map((id) => ({ problem: 'root does not match the blocks', what: `map ${id}`, neededBy: '' }))
}

/** A line for everything that needs a damaged block. */
async function describeDamage(
  { db }: ObjectStore,
  damaged: readonly DamagedBlock[],
  account: string | undefined,
): Promise<Problem[]> {
  if (damaged.length === 0) return []
  const needs = await needsOf(db, packHashes(damaged.map(({ hash }) => hash)), NEEDS_AT_MOST)
  return damaged.flatMap(({ hash, problem }) => {
    const what = `block ${hash}`
    const mine = needs.filter((need) => need.hash === hash && (account === undefined || need.account === account))
    if (mine.length === 0) return account === undefined ? [{ problem: `${problem} block`, what, neededBy: 'nothing' }] : []
    return mine.map((need) => ({ problem: `${problem} block`, what, neededBy: nameNeed(need) }))
  })
}
