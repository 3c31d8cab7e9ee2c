// Opens the original and finds out, before anything is changed, whether all its parts fit together and to this cloud: an
// operator's mistake is told as such, and not as a million damaged objects.
import { createHash, getHashes } from 'node:crypto'
import { isHash, stripTrailingZeros, ZERO_BLOCK } from '@synnefo/engine-blocks'
import { Fault } from '@synnefo/lib/fault'
import type { ObjectStore } from '../open.ts'
import { notesOf, type OriginalVersion, sampleVersions, shapeOf } from '../store/original.ts'
import { openOriginal } from './original.ts'
import { ContentProblem, type OriginalFiles, openOriginalFiles } from './original-files.ts'
import { type ImportRun, nothingImported, type Side } from './run.ts'

export interface ImportOptions {
  /** A URL, or a file that holds one. */
  database: string
  data: string
  maps: string | undefined
  blockSizeBytes: number
  dry: boolean
  prefer?: Side | undefined
  tell(text: string): void
}

export async function openImport(
  store: ObjectStore,
  { database, data, maps, blockSizeBytes, dry, prefer, tell }: ImportOptions,
): Promise<ImportRun> {
  const original = await openOriginal(database)
  try {
    const shape = await shapeOf(original)
    if (typeof shape === 'string')
      throw new Fault('badRequest', `That is no database of the object storage of the original: ${shape}`)
    const { config, unresolved } = await notesOf(original)
    const algorithm = config.get('hash_algorithm')
    if (algorithm !== undefined && algorithm.toLowerCase() !== 'sha256') throw otherAlgorithm(algorithm)
    const size = Number(config.get('block_size') ?? blockSizeBytes)
    if (size !== store.blockSizeBytes)
      throw new Fault(
        'badRequest',
        `The blocks of the original have ${size} bytes, those of this cloud ${store.blockSizeBytes}. Import into a cloud that was first started with PITHOS_BACKEND_BLOCK_SIZE = ${size}${config.has('block_size') ? '' : ', or say with --block-size what the original was set to'}`,
      )
    const files = await openOriginalFiles({ data, maps, blockSizeBytes: size })
    await checkSample(files, await sampleVersions(original, shape, SAMPLE))
    if (unresolved > 0)
      tell(`The original has ${unresolved} commissions that are not resolved. They are not brought: usage is counted anew here.`)
    return { store, original, shape, files, dry, prefer, report: nothingImported(), tell }
  } catch (error) {
    await original.close()
    throw error
  }
}

const SAMPLE = 50

function otherAlgorithm(name: string): Fault {
  return new Fault(
    'badRequest',
    `The original names its blocks by ${name}, this cloud by SHA-256 (PITHOS_BACKEND_HASH_ALGORITHM = 'sha256'): they cannot be taken over`,
  )
}

/** Looks at the maps and blocks of some objects: if none at all is there, or is what its name says, it is not they who are wrong. */
async function checkSample(files: OriginalFiles, sample: readonly OriginalVersion[]): Promise<void> {
  const hashes = sample.map(({ hash }) => hash ?? '').filter((hash) => /^[0-9a-f]+$/i.test(hash))
  if (hashes.length > 0 && !hashes.some(isHash)) throw otherAlgorithm(algorithmsOfLength(hashes[0]!.length / 2))
  const found = { maps: 0, blocks: 0, good: 0 }
  let problem: string | undefined
  let wrong: { name: string; block: Buffer } | undefined
  for (const { mapfile, size } of sample) {
    try {
      const first = (await files.entriesOf(mapfile!, size)).find(({ name, isHash: named }) => named && name !== ZERO_BLOCK)
      found.maps += 1
      const block = first && (await files.block(first.name))
      if (!block) continue
      found.blocks += 1
      if (createHash('sha256').update(stripTrailingZeros(block)).digest('hex') === first.name) return
      wrong = { name: first.name, block }
    } catch (error) {
      if (!(error instanceof ContentProblem)) throw error
      problem ??= error.message
    }
  }
  if (sample.length === 0) return
  const newest = sample.length === 1 ? 'the newest object' : `any of the ${sample.length} newest objects`
  if (found.maps === 0)
    throw new Fault(
      'badRequest',
      `There is no map of ${newest} in these folders (${problem}). Name those that hold blocks and maps`,
    )
  if (wrong) {
    const { name, block } = wrong
    const content = stripTrailingZeros(block)
    const other = getHashes().find((each) => !/^(RSA|id)-/i.test(each) && digest(each, content) === name)
    if (other) throw otherAlgorithm(other)
    throw new Fault('badRequest', `No block of ${newest} is what its name says, such as ${name}: the folder holds other data`)
  }
  if (found.blocks === 0 && found.maps > 0 && sample.some(({ size }) => size > 0n))
    throw new Fault('badRequest', `There is no block of ${newest} in the folder. Name the one that holds the blocks`)
}

function digest(algorithm: string, content: Buffer): string | undefined {
  try {
    return createHash(algorithm).update(content).digest('hex')
  } catch {
    return undefined // not of this build
  }
}

const ALGORITHMS: Readonly<Record<number, string>> = { 16: 'MD5', 20: 'SHA-1', 28: 'SHA-224', 48: 'SHA-384', 64: 'SHA-512' }
const algorithmsOfLength = (bytes: number) => ALGORITHMS[bytes] ?? `a hash of ${bytes} bytes`
