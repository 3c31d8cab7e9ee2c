// Reads blocks at rest and compares them with their names. A damaged one goes into quarantine, so that nobody is given
// it and the next put of the content stores it anew; one that something needs and that is not there is noted too.
import { hashBlock, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { audit } from '@synnefo/identity'
import { type Log, silentLog } from '@synnefo/lib/log'
import { packHashes } from '../content/content.ts'
import { cryptRow } from '../content/rows.ts'
import type { ObjectStore } from '../open.ts'
import * as damage from '../store/damage.ts'
import { batchesOf } from './batches.ts'

export interface Scrubbed {
  /** Blocks that were read. */
  verified: number
  damaged: number
  missing: number
  /** Blocks that were known to be damaged or missing, and are whole again. */
  healed: number
}

export interface ScrubOptions {
  /** The block after which to begin. */
  after?: string
  /** The last block to look at. */
  upTo?: string
  /** Only blocks that this account needs. */
  account?: string | undefined
  /** Without it, blocks are only looked for and not read. */
  verifyData?: boolean
  /** Told how far it came; answering false ends it there. */
  goOn?: (position: string) => Promise<boolean>
  log?: Log
}

const LAST = 'f'.repeat(64)
const BLOCKS_AT_ONCE = 64
const LISTED_AT_ONCE = 1000
/** Of up to 64 KiB each. */
const CONTENTS_AT_ONCE = 200
const LAST_ID = 2n ** 63n - 1n

export const nothingScrubbed = (): Scrubbed => ({ verified: 0, damaged: 0, missing: 0, healed: 0 })

/** Walks through blocks in order of their names. Answers whether it came to the end of its range. */
export async function scrub(store: ObjectStore, report: Scrubbed, options: ScrubOptions = {}): Promise<boolean> {
  const { after = '', upTo = LAST, account, verifyData = true, goOn, log = silentLog } = options
  const { blocks, db } = store
  const note = async (hash: string, problem: damage.DamagedBlock['problem']) => {
    report[problem] += 1
    await noteDamage(store, hash, problem, log)
  }
  async function check(hash: string) {
    if (!verifyData) return
    report.verified += 1
    if ((await blocks.verify(hash)) === 'damaged' && (await blocks.quarantine(hash))) await note(hash, 'damaged')
  }
  /** What something needs of this range and was not among the stored ones. */
  async function checkListed(from: string, to: string, seen: ReadonlySet<string>) {
    for (let at = from; ; ) {
      const listed = await damage.listedBlocks(db, { after: at, upTo: to, account, atMost: LISTED_AT_ONCE })
      const candidates = listed.filter((hash) => !seen.has(hash) && hash !== ZERO_BLOCK)
      if (account !== undefined) for (const hash of candidates) await check(hash)
      const present = await blocks.present(candidates)
      // Looked at once more: it may have been on its way out, or stored since.
      for (const hash of candidates)
        if (!present.has(hash) && (await blocks.verify(hash)) === 'missing') await note(hash, 'missing')
      if (listed.length === 0) return
      at = listed.at(-1)!
    }
  }

  if (verifyData) {
    for await (const content of damagedContents(store, { after, upTo })) {
      if (!(await damage.setContentApart(db, content))) continue
      report.damaged += 1
      await tell(store, content.hash, 'damaged', log)
    }
  }
  let position = after
  if (account === undefined) {
    for await (const batch of batchesOf(blocks.list({ after }), BLOCKS_AT_ONCE)) {
      const stored = batch.map(({ hash }) => hash).filter((hash) => hash <= upTo)
      for (const hash of stored) await check(hash)
      const end = stored.length < batch.length ? upTo : stored.at(-1)!
      await checkListed(position, end, new Set(stored))
      position = end
      if (position === upTo) break
      if (goOn && !(await goOn(position))) return false
    }
  }
  if (position !== upTo) await checkListed(position, upTo, new Set())
  await goOn?.(upTo)
  return true
}

/** Contents in rows. The database compares them where it can; those that are encrypted come here, some at a time. */
async function* damagedContents(
  { db, blocks }: ObjectStore,
  { after, upTo }: { after: string; upTo: string },
): AsyncGenerator<damage.DamagedContent> {
  if (!blocks.cipher) return yield* await damage.damagedContents(db, { after, upTo })
  // Not those of the name after which to begin, whose maps have smaller ids than this.
  let last = { hash: after, id: LAST_ID }
  for (;;) {
    const contents = await damage.storedContents(db, { after: last.hash, afterId: last.id, upTo, atMost: CONTENTS_AT_ONCE })
    for (const content of contents)
      if ((await hashBlock(cryptRow(blocks, content.hash, content.stored))) !== content.hash) yield content
    if (contents.length === 0) return
    last = contents.at(-1)!
  }
}

/** Looks again at what was found damaged or missing. */
export async function recheckDamage({ blocks, db }: ObjectStore, report: Scrubbed, log: Log = silentLog): Promise<void> {
  for (const { hash } of await damage.listDamage(db)) {
    if ((await blocks.verify(hash)) !== 'good') continue
    await damage.forgetDamage(db, hash)
    report.healed += 1
    log.info({ block: hash }, 'a damaged block is whole again')
  }
}

/** Remembers a damaged or missing block, and tells the operator when it is news. */
export async function noteDamage(
  store: ObjectStore,
  hash: string,
  problem: damage.DamagedBlock['problem'],
  log: Log,
): Promise<void> {
  if (await damage.noteDamage(store.db, hash, problem)) await tell(store, hash, problem, log)
}

async function tell({ db }: ObjectStore, hash: string, problem: damage.DamagedBlock['problem'], log: Log): Promise<void> {
  const needs = await damage.needsOf(db, packHashes([hash]), 100)
  const neededBy = needs.map(nameNeed)
  log.error({ block: hash, problem, neededBy }, `a block is ${problem}; snf-manage pithos-fsck tells what needs it`)
  const details = { problem, neededBy }
  await audit(db, { service: 'object-store', actor: 'scrub', action: 'block-damage', target: `block:${hash}`, details })
}

/** Who needs a block, as an operator reads it. */
export function nameNeed({ account, container, name, versionId, state, image, holder }: damage.Need): string {
  if (holder !== null) return holder
  const what = image ? 'image' : 'object'
  return `${what} ${account}/${container}/${name} version ${versionId}${state === 'history' ? ' (past)' : ''}`
}
