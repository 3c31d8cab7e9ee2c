// A folder or a container as an archive, written while it is read: page by page of names, file by file, nothing on disk.
import { Fault } from '@synnefo/lib/fault'
import { noObject } from '../access.ts'
import { type ReadableContent, readableOfMap } from '../content/compose.ts'
import { containerToSee } from '../objects/list.ts'
import { contentOfManifest, readManifest } from '../objects/manifest.ts'
import { MANIFEST } from '../objects/manifest-leave.ts'
import type { ObjectStore } from '../open.ts'
import { listPacked, type PackedRow } from '../store/archives.ts'
import { findMap } from '../store/maps.ts'
import type { ArchiveKind } from './entries.ts'
import { gzip, writeTar } from './write-tar.ts'
import { writeZip } from './write-zip.ts'

/** What an archive says of one object. */
export interface PackedEntry {
  path: string
  folder: boolean
  sizeBytes: number
  modifiedAt: Date
  read(): AsyncIterable<Buffer>
}

export interface Packing {
  account: string
  container: string
  /** Undefined: the whole container. */
  folder: string | undefined
  kind: ArchiveKind
  /** As it was then, in seconds since 1970; for owners. */
  until: number | undefined
  /** The beginnings of names in a container that the token of the caller reaches; undefined: all. */
  reached: (container: string) => readonly string[] | undefined
}

const PAGE = 1000

/** The archive as its bytes. Objects whose data is not there are left out. */
export async function packArchive(store: ObjectStore, userId: string, packing: Packing): Promise<AsyncIterable<Buffer>> {
  const { account, container: name, folder, until, kind } = packing
  const { container, owner } = await containerToSee(store, userId, account, name)
  if (!owner && until !== undefined) throw new Fault('forbidden', 'Only the owner sees the past.')
  const prefix = folder === undefined ? '' : `${folder.replace(/\/$/, '')}/`
  const query = {
    containerId: container.id,
    prefix,
    readableBy: owner ? undefined : userId,
    beginnings: packing.reached(name),
    until,
    limit: PAGE,
  }
  const first = await listPacked(store.db, { ...query, marker: '' })
  if (first.length === 0 && folder !== undefined) throw noObject(folder)
  async function* rows() {
    let count = 0
    for (let page = first; page.length > 0; page = await listPacked(store.db, { ...query, marker: page.at(-1)!.name })) {
      for (const row of page) {
        count += 1
        if (count > store.settings.PITHOS_ARCHIVE_ENTRIES) throw new Error(`the archive has more than ${count - 1} entries`)
        yield row
      }
      if (page.length < PAGE) return
    }
  }
  async function* entries() {
    const taken = new Set<string>()
    for await (const row of rows()) {
      const entry = await entryOf(store, userId, packing, row, prefix)
      if (!entry || taken.has(entry.path)) continue
      if (entry.folder || row.name.includes('\\')) taken.add(entry.path)
      yield entry
    }
  }
  if (kind === 'zip') return writeZip(entries())
  const tar = writeTar(entries())
  return kind === 'tar' ? tar : gzip(tar)
}

async function entryOf(
  store: ObjectStore,
  userId: string,
  { account, reached }: Packing,
  row: PackedRow,
  prefix: string,
): Promise<PackedEntry | undefined> {
  const { name, contentType, createdAt: modifiedAt } = row
  const path = safePath(name.slice(prefix.length))
  if (path === '' || row.available !== 1) return undefined
  if (isFolder(contentType) || name.endsWith('/')) return { path, folder: true, sizeBytes: 0, modifiedAt, async *read() {} }
  const content = await contentOfRow(store, userId, account, reached, row)
  return { path, folder: false, sizeBytes: content.sizeBytes, modifiedAt, read: () => content.read(0, content.sizeBytes) }
}

async function contentOfRow(
  store: ObjectStore,
  userId: string,
  account: string,
  reached: Packing['reached'],
  { mapId, sizeBytes, metadata }: PackedRow,
): Promise<ReadableContent> {
  const value = metadata[MANIFEST]
  if (value !== undefined) {
    const manifest = await readManifest(store, { userId, reached }, account, value).catch(() => undefined)
    if (manifest) return contentOfManifest(store, manifest)
  }
  return {
    sizeBytes: Number(sizeBytes),
    blockAt: () => undefined,
    async *read(from, to) {
      const map = mapId === null ? undefined : await findMap(store, mapId)
      if (mapId !== null && !map) throw new Error('an object was removed while it was packed')
      yield* readableOfMap(store, map).read(from, to)
    },
  }
}

const isFolder = (contentType: string) => /^application\/(directory|folder)(;|$)/.test(contentType)

/** A name that leads nobody who unpacks it out of the folder in which he does. */
function safePath(name: string): string {
  return name
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '__' : part))
    .join('/')
}
