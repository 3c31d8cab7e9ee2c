// What all kinds of archives have in common.
import { Fault } from '@synnefo/lib/fault'

export const ARCHIVE_KINDS = ['tar', 'tar.gz', 'zip'] as const
export type ArchiveKind = (typeof ARCHIVE_KINDS)[number]

export function isArchiveKind(text: string): text is ArchiveKind {
  return (ARCHIVE_KINDS as readonly string[]).includes(text)
}

/** A file or folder in an archive. Its data is read before the next entry is asked for. */
export interface ArchiveEntry {
  /** As it stands in the archive. */
  path: string
  folder: boolean
  sizeBytes: number
  data: AsyncIterable<Buffer>
}

export interface ArchiveLimits {
  entries: number
  bytes: number
  /** Unpacked to packed. */
  ratio: number
}

const ALWAYS_FINE_BYTES = 100 * 1024 * 1024

/** Counts what comes out of an archive, and stops what would never end. `packedBytes`: read of the archive so far. */
export function openMeter({ entries, bytes, ratio }: ArchiveLimits, packedBytes: () => number) {
  let files = 0
  let unpacked = 0
  const check = () => {
    if (unpacked > bytes) throw tooMuch(`unpacks to more than ${bytes} bytes`)
    if (unpacked > ALWAYS_FINE_BYTES && unpacked > ratio * packedBytes())
      throw tooMuch(`unpacks to more than ${ratio} times its own size`)
  }
  return {
    addEntry() {
      files += 1
      if (files > entries) throw tooMuch(`holds more than ${entries} files and folders`)
    },
    addBytes(length: number) {
      unpacked += length
      check()
    },
  }
}

export type Meter = ReturnType<typeof openMeter>

function tooMuch(what: string): Fault {
  return new Fault('badRequest', `The archive ${what}.`)
}

export function brokenArchive(cause: unknown): Fault {
  return new Fault('badRequest', 'The archive is not complete or not well-formed.', { cause })
}
