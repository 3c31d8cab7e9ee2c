// What a change would change: the summary before it is submitted, and the page of an application.
import type { Queryable } from '@synnefo/lib/sql'
import { INFINITE } from '../quota/arithmetic.ts'
import type { Limits, ProjectFields } from '../store/projects.ts'
import { listResources } from '../store/resources.ts'

/** A field as people read it: text, a date, a number, yes or no. */
type Value = string | bigint | boolean | Date | null

export interface FieldDifference {
  field: string
  /** Null where there was nothing. */
  old: Value
  new: Value
}

export interface CapacityDifference {
  old: bigint | null
  new: bigint
  /** How much more, or less; null where either is without limit, or there was none. */
  difference: bigint | null
}

export interface ResourceDifference {
  resource: string
  unit: 'bytes' | null
  member: CapacityDifference
  project: CapacityDifference
}

export interface Differences {
  fields: FieldDifference[]
  resources: ResourceDifference[]
}

/** Fields as both sides can be compared; the owner by uuid. */
export type Comparable = Partial<Omit<ProjectFields, 'ownerId'>> & { owner?: string | null; startDate?: Date; comments?: string }

const FIELDS = [
  'name',
  'owner',
  'homepage',
  'description',
  'startDate',
  'endDate',
  'joinPolicy',
  'leavePolicy',
  'maxMembers',
  'private',
  'comments',
] as const satisfies readonly (keyof Comparable)[]

/** Only what differs. Without `old` everything is new. */
export async function compare(
  db: Queryable,
  old: { fields: Comparable; limits: Limits } | undefined,
  wanted: { fields: Comparable; limits: Limits },
): Promise<Differences> {
  const fields = FIELDS.flatMap((field) => {
    const [before, after] = [old?.fields[field] ?? null, wanted.fields[field]]
    return after === undefined || same(before, after) ? [] : [{ field, old: before, new: after }]
  })
  const resources = (await listResources(db)).flatMap(({ name, unit }) => {
    const after = wanted.limits[name]
    if (!after) return []
    const before = old?.limits[name]
    if (before && before.member === after.member && before.project === after.project) return []
    return [
      {
        resource: name,
        unit,
        member: capacity(before?.member, after.member),
        project: capacity(before?.project, after.project),
      },
    ]
  })
  return { fields, resources }
}

function capacity(before: bigint | undefined, after: bigint): CapacityDifference {
  const comparable = before !== undefined && before !== INFINITE && after !== INFINITE
  return { old: before ?? null, new: after, difference: comparable ? after - before : null }
}

const same = (a: Value, b: Value) => (a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b)
