// What restoring changes: the objects of a place as they were at a moment, beside those of now.

import { isFolderType } from '@synnefo/clients/object-shapes'
import type { Entry, StoredObject } from '@synnefo/clients/object-store'

export interface Differences {
  /** Are there again. */
  back: string[]
  /** Have the content and type of then again. */
  replaced: string[]
  /** Were not there then, and go. */
  gone: string[]
}

/** What restoring is about: everything, a folder (its name ends in a slash) with what is in it, or one object. */
export const concerns = (place: string, name: string): boolean =>
  place === '' || name === place || (place.endsWith('/') && (name.startsWith(place) || `${name}/` === place))

export function differences(place: string, then: Entry[], now: Entry[]): Differences {
  const objects = (entries: Entry[]) =>
    new Map(entries.flatMap((entry) => ('name' in entry && concerns(place, entry.name) ? [[entry.name, entry] as const] : [])))
  const before = objects(then)
  const present = objects(now)
  const names = (map: Map<string, StoredObject>, wanted: (object: StoredObject) => boolean) =>
    [...map.values()].filter(wanted).map(({ name }) => name)
  return {
    back: names(before, ({ name }) => !present.has(name)),
    replaced: names(before, (object) => {
      const other = present.get(object.name)
      return other !== undefined && !isSame(object, other)
    }),
    gone: names(present, ({ name }) => !before.has(name)),
  }
}

/** Folders have no content to compare. */
function isSame(one: StoredObject, other: StoredObject): boolean {
  if (one.content_type !== other.content_type) return false
  return one.x_object_hash === other.x_object_hash || (one.bytes === 0 && other.bytes === 0 && isFolderType(one.content_type))
}
