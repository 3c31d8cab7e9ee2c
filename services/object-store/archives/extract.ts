// Makes an object of every file in an archive while it arrives. Small files are written many at a time, so that they share
// transactions; a file that cannot be written is told at the end and holds up no other.
import { Fault } from '@synnefo/lib/fault'
import { containerFor } from '../access.ts'
import { contentOfBlocks, INLINE_BYTES } from '../content/content.ts'
import { receive } from '../content/receive.ts'
import { checkPlace, LONGEST_NAME, type Place } from '../names.ts'
import { checkWrite, writeObject } from '../objects/write.ts'
import type { ObjectStore } from '../open.ts'
import type { VersionRow } from '../store/versions.ts'
import { typeOfFile } from './content-types.ts'
import type { ArchiveEntry, ArchiveKind, ArchiveLimits } from './entries.ts'
import { readTar } from './read-tar.ts'
import { readZip } from './read-zip.ts'

export interface Extraction {
  account: string
  container: string
  /** Before every name; empty: none. */
  prefix: string
  kind: ArchiveKind
  /** Of every object that is made. */
  metadata: Record<string, string>
  body(): AsyncIterable<Buffer>
  /** Of the body. */
  atMostBytes: number
}

export interface Extracted {
  created: number
  /** Folders that were there already. */
  there: number
  /** Path in the archive and why it was not written. */
  errors: { path: string; fault: Fault }[]
  /** Why it ended early. */
  end: Fault | undefined
}

const AT_ONCE = 256
/** After so many the rest is not worth trying. */
const MOST_ERRORS = 1000
const FOLDER = 'application/directory'
/** Characters of a path in an archive that are looked at; no name has so many. */
const LONGEST_PATH = 4 * LONGEST_NAME.object

/** A folder that is there stays as it is. */
class IsThere extends Error {}

export async function extractArchive(store: ObjectStore, userId: string, extraction: Extraction): Promise<Extracted> {
  const { account, container, prefix } = extraction
  await checkMayExtract(store, userId, { account, container, name: prefix })
  const result: Extracted = { created: 0, there: 0, errors: [], end: undefined }
  const writing = new Map<string, Promise<void>>()
  let failure: unknown
  try {
    for await (const entry of entriesOf(store, userId, extraction)) {
      const path = lookedAt(entry.path)
      const name = path === entry.path ? nameOf(prefix, entry) : path // refused as it is
      if (name === undefined) continue
      const note = (error: unknown) => {
        if (error instanceof IsThere) result.there += 1
        else if (error instanceof Fault && error.code < 500) result.errors.push({ path, fault: error })
        else failure ??= error
      }
      await writing.get(name) // of two entries of one name, the later one stays
      const write = await prepare(store, userId, extraction, { account, container, name }, entry).catch(note)
      if (failure) throw failure
      if (result.errors.length >= MOST_ERRORS)
        throw new Fault('badRequest', `More than ${MOST_ERRORS} files could not be written.`)
      if (!write) continue
      const written = write()
        .then(() => {
          result.created += 1
        }, note)
        .finally(() => writing.delete(name))
      writing.set(name, written)
      if (writing.size >= AT_ONCE) await Promise.race(writing.values())
    }
  } catch (error) {
    if (!(error instanceof Fault) || error.code >= 500) throw error
    result.end = error
  } finally {
    await Promise.all(writing.values())
  }
  if (failure) throw failure
  return result
}

/** Before the body is read: the container is there, and the caller may write where the files go. */
async function checkMayExtract(store: ObjectStore, userId: string, { account, container, name }: Place): Promise<void> {
  const place = { account, container, name: name === '' ? '-' : name }
  checkPlace(place)
  await containerFor(store.db, userId, place, 'write')
}

function entriesOf(
  { settings, zips }: ObjectStore,
  sender: string,
  { kind, body, atMostBytes }: Extraction,
): AsyncGenerator<ArchiveEntry> {
  const limits: ArchiveLimits = {
    entries: settings.PITHOS_ARCHIVE_ENTRIES,
    bytes: settings.PITHOS_ARCHIVE_BYTES,
    ratio: settings.PITHOS_ARCHIVE_RATIO,
  }
  if (kind === 'zip') return readZip(body(), limits, { folder: settings.PITHOS_ARCHIVE_FOLDER, atMostBytes, zips, sender })
  return readTar(body(), limits, { gzip: kind === 'tar.gz' })
}

/** A path may take mebibytes, and what is left of a longer text would keep all of it in memory: so it is copied. */
function lookedAt(path: string): string {
  return path.length <= LONGEST_PATH ? path : Buffer.from(path.slice(0, LONGEST_PATH)).toString()
}

/** A regular expression would begin anew at each of many slashes. */
function withoutSlashesAtEnd(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

/** Paths of archives are names like any other, dots too; what stands for the top of the archive is nothing. */
function nameOf(prefix: string, { path, folder }: ArchiveEntry): string | undefined {
  const inside = path.replace(/^(\.?\/)+/, '')
  const name = folder ? withoutSlashesAtEnd(inside) : inside
  if (name === '' || (folder && name === '.')) return undefined
  return prefix === '' || prefix.endsWith('/') ? prefix + name : `${prefix}/${name}`
}

/** Reads the data of an entry; the answer records it. */
async function prepare(store: ObjectStore, userId: string, { metadata }: Extraction, place: Place, entry: ArchiveEntry) {
  const terms = { place, precondition: () => undefined, sharing: undefined, metadata }
  checkPlace(place)
  if (entry.folder) {
    const content = contentOfBlocks(0n, [])
    const precondition = (current: VersionRow | undefined) => {
      if (current?.contentType.startsWith(FOLDER)) throw new IsThere()
    }
    return () => writeObject(store, userId, { ...terms, precondition, content, contentType: FOLDER, checksum: '' })
  }
  if (entry.sizeBytes > INLINE_BYTES) await checkWrite(store, userId, terms, BigInt(entry.sizeBytes))
  const md5 = store.settings.PITHOS_UPDATE_MD5
  const received = await receive(store, entry.data, { inline: true, sender: userId, md5, atMostBytes: BigInt(entry.sizeBytes) })
  if (received.content.sizeBytes !== BigInt(entry.sizeBytes))
    throw new Fault('badRequest', 'The file is shorter than the archive says.')
  const write = { ...terms, content: received.content, contentType: typeOfFile(place.name), checksum: received.md5 ?? '' }
  return () => writeObject(store, userId, write)
}
