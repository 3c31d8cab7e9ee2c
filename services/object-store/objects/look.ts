// Looking at current objects, many together: one query for all that arrive while the last one is under way, and one more
// where something is shared.
import type { Blocks } from '@synnefo/engine-blocks'
import { type Db, openTogether } from '@synnefo/lib/sql'
import { type Access, accessBy, noContainer, noObject, notAllowed } from '../access.ts'
import { cryptRow } from '../content/rows.ts'
import type { Place } from '../names.ts'
import { type LookedUp, lookUp } from '../store/lookups.ts'
import type { MapRow } from '../store/maps.ts'
import { type DecidingEntry, decidingEntriesOfMany } from '../store/rights.ts'
import type { VersionRow } from '../store/versions.ts'

export interface Look {
  userId: string
  place: Place
  /** With the content, where that is small. */
  data: boolean
}

export interface Seen {
  version: VersionRow
  access: Access
  /** Something in its container has a public link. */
  publishes: boolean
  /** Of small content, when it was asked for. */
  map: MapRow | undefined
}

/** Answers the current object, for somebody who may read it. */
export type LookAtObject = (look: Look) => Promise<Seen>

interface Where {
  db: Db
  blocks: Pick<Blocks, 'cipher'>
}

export function openLooks(where: Where): LookAtObject {
  return openTogether<Look, Seen>({ work: (looks) => lookAtAll(where, looks) })
}

async function lookAtAll({ db, blocks }: Where, looks: readonly Look[]): Promise<PromiseSettledResult<Seen>[]> {
  const rows: LookedUp[] = []
  for (const row of await lookUp(
    db,
    looks.map(({ place, data }) => ({ ...place, data })),
  ))
    rows[Number(row.place) - 1] = row
  const shared = looks.flatMap(({ userId, place: { name } }, at) => {
    const { foundContainer, shares } = rows[at]!
    return shares && foundContainer !== null ? [{ at, userId, containerId: foundContainer, name }] : []
  })
  const entries = new Map<number, DecidingEntry[]>()
  if (shared.length > 0) {
    for (const entry of await decidingEntriesOfMany(db, shared)) {
      const { at } = shared[entry.place]!
      entries.set(at, [...(entries.get(at) ?? []), entry])
    }
  }
  return looks.map((look, at) => {
    try {
      return { status: 'fulfilled', value: seenBy(blocks, look, { row: rows[at]!, entries: entries.get(at) ?? [] }) }
    } catch (reason) {
      return { status: 'rejected', reason }
    }
  })
}

interface Found {
  row: LookedUp
  entries: readonly DecidingEntry[]
}

function seenBy(blocks: Where['blocks'], { userId, place }: Look, { row, entries }: Found): Seen {
  const owner = place.account === userId
  if (row.foundContainer === null) throw owner ? noContainer(place.container) : notAllowed()
  const access = accessBy(owner, entries)
  if (!access.right) throw notAllowed()
  if (row.id === null || row.containerId === null) throw noObject(place.name)
  const { id, containerId, blockSizeBytes, hashes, content, ...rest } = row
  const root = row.hash!
  const map =
    content === null || row.mapId === null
      ? undefined
      : {
          id: row.mapId,
          root,
          sizeBytes: row.sizeBytes,
          blockSizeBytes: blockSizeBytes!,
          hashes: hashes!,
          content: cryptRow(blocks, root, content),
        }
  return { version: { ...rest, id, containerId }, access, publishes: row.publishes === true, map }
}
