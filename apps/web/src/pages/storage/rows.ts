// A folder as a person sees it. The object store knows only names with slashes in them: a folder is what several names have in common,
// or an empty object of type `application/directory`, or both.

import { isFolderType } from '@synnefo/clients/object-shapes'
import type { Entry, StoredObject } from '@synnefo/clients/object-store'
import { lastPart } from './places.ts'

export type Row =
  /** The name ends in a slash; `object` is there when the folder is one of its own. */
  | { kind: 'folder'; name: string; label: string; object?: StoredObject }
  | { kind: 'object'; name: string; label: string; object: StoredObject }

/** Page by page as they were read; a folder that both exists and has content is one row. */
export function rowsOf(pages: Entry[][], folder: string): Row[][] {
  const seen = new Set<string>()
  return pages.map((entries) =>
    entries.flatMap((entry): Row[] => {
      if ('subdir' in entry) return folderRow(entry.subdir, seen)
      if (entry.name === folder) return [] // the folder's own object
      if (isFolderType(entry.content_type)) return folderRow(`${entry.name.replace(/\/$/, '')}/`, seen, entry)
      return [{ kind: 'object', name: entry.name, label: lastPart(entry.name), object: entry }]
    }),
  )
}

function folderRow(name: string, seen: Set<string>, object?: StoredObject): Row[] {
  if (seen.has(name)) return []
  seen.add(name)
  return [{ kind: 'folder', name, label: lastPart(name), ...(object ? { object } : {}) }]
}
