// What of the original may be written, and what was changed here as well since it was brought.
import type { Queryable } from '@synnefo/lib/sql'
import { LONGEST_NAME } from '../names.ts'
import * as imports from '../store/imports.ts'
import { digestOf } from './digest.ts'
import type { PreparedPath, Records } from './objects.ts'
import type { Side } from './run.ts'

/** Answers a digest of what is attached to each of these names. */
export async function attachedOf(q: Queryable, containerId: bigint, names: readonly string[]) {
  const rows = new Map((await imports.attachedTo(q, containerId, names)).map((row) => [row.name, row]))
  return (name: string) => digestOf([rows.get(name)?.grants ?? [], rows.get(name)?.link ?? null])
}

export interface Choice {
  /** What is to be written. */
  chosen: PreparedPath[]
  /** What was changed here as well, when it was said what to do then. */
  settled: PreparedPath[]
  /** By name. */
  versionsHere: ReadonlyMap<string, bigint[]>
}

/** What stays as it is for now has its problem noted with it. */
export async function choose(
  q: Queryable,
  containerId: bigint | undefined,
  group: readonly PreparedPath[],
  before: Records,
  prefer: Side | undefined,
): Promise<Choice> {
  const names = group.map(({ name }) => name)
  const rows = containerId === undefined ? [] : await imports.versionIdsOf(q, containerId, names)
  const attached = containerId === undefined ? undefined : await attachedOf(q, containerId, names)
  const versionsHere = new Map([...Map.groupBy(rows, ({ name }) => name)].map(([name, ids]) => [name, ids.map(({ id }) => id)]))
  const ours = new Set(rows.map(({ id }) => id))
  const foreign = await imports.takenSerials(
    q,
    group.flatMap(({ versions }) => versions.map(({ serial }) => serial)).filter((serial) => !ours.has(serial)),
  )
  const chosen: PreparedPath[] = []
  const settled: PreparedPath[] = []
  for (const path of group) {
    const changed = changedHere(versionsHere.get(path.name) ?? [], before.get(path.path), attached?.(path.name))
    const problem = (prefer === undefined ? changed : undefined) ?? refusalOf(path, foreign)
    if (changed && prefer === 'here') path.problems.length = 0
    else if (problem) path.problems.splice(0, path.problems.length, { what: path.path, problem })
    else chosen.push(path)
    if (changed && (prefer === 'here' || (prefer === 'original' && !problem))) settled.push(path)
  }
  return { chosen, settled, versionsHere }
}

function refusalOf({ name, versions }: PreparedPath, foreign: ReadonlySet<bigint>): string | undefined {
  if ([...name].length > LONGEST_NAME.object || name === '')
    return `its name is empty or longer than ${LONGEST_NAME.object} characters`
  const taken = versions.find(({ serial }) => foreign.has(serial))
  return taken && `version ${taken.serial} is the number of another one here: it was not brought`
}

/** What was changed here of a path that the original changed as well. */
function changedHere(
  here: readonly bigint[],
  before: imports.ImportRecord | undefined,
  attached: Buffer | undefined,
): string | undefined {
  if (here.join() !== (before?.serials ?? []).join())
    return before
      ? 'it was changed here since it was brought, and in the original as well: it stays as it is here'
      : 'there is an object of this name here: it stays, and that of the original was not brought'
  if (before?.asBrought && attached && !before.asBrought.equals(attached))
    return 'its sharing or public link was changed here since it was brought, and the object in the original: it stays as it is here'
  return undefined
}
