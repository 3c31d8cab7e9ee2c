// Brings people over from an installation of the original, with the ids, tokens and passwords that they have there. Whom it
// brought is on record (`identity.imports`), with digests of what the original said and of the account as it was left:
// a run brings what changed there since, and overwrites nothing that changed here.
import { createHash } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'
import type { ForeignDatabase } from '@synnefo/lib/foreign-database'
import { isUnstorable } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { type ImportRecord, importRecords } from '../store/imports.ts'
import {
  groupsOf,
  loginsOf,
  nextPeople,
  type OriginalLimit,
  type OriginalLogin,
  type OriginalPerson,
  type OriginalShape,
  otherProjects,
  permissionsOf,
  systemLimitsOf,
} from '../store/original.ts'
import { findUserByUuid } from '../store/users.ts'
import { accountDigest, bringPerson } from './write-person.ts'

export interface ImportProblem {
  /** An address, or a project. */
  what: string
  problem: string
}

export interface PeopleReport {
  people: number
  unchanged: number
  /** Registrations whose address nobody ever verified: they do not come. */
  unverified: number
  problems: ImportProblem[]
}

export interface PeopleImport {
  identity: Identity
  original: ForeignDatabase
  shape: OriginalShape
  /** Of one person. */
  only: string | undefined
  /** Find out whom there is to bring, and change nothing. */
  dry: boolean
}

/** Everything that the original has on record of a person. */
export interface KnownPerson extends OriginalPerson {
  uuid: string
  logins: readonly OriginalLogin[]
  groups: readonly string[]
  permissions: readonly string[]
  limits: readonly OriginalLimit[]
}

const PEOPLE_AT_ONCE = 500

export async function importPeople(run: PeopleImport): Promise<PeopleReport> {
  const { identity, original, shape, only } = run
  const report: PeopleReport = { people: 0, unchanged: 0, unverified: 0, problems: [] }
  for (let after = 0n; ; ) {
    const rows = await nextPeople(original, shape, { after, only, atMost: PEOPLE_AT_ONCE })
    if (rows.length === 0) break
    const people = await withAllElse(run, rows)
    const records = await importRecords(
      identity.db,
      people.map(({ uuid }) => uuid),
    )
    const before = new Map(records.map((record) => [record.uuid, record]))
    for (const person of people) await importPerson(run, report, person, before.get(person.uuid))
    for (const { uuid, email } of rows)
      if (!uuid) report.problems.push({ what: email, problem: 'the original gave this person no uuid: he was not brought' })
    after = rows.at(-1)!.id
  }
  if (only !== undefined) {
    if (report.people + report.unchanged + report.unverified + report.problems.length === 0)
      report.problems.push({ what: only, problem: 'the original has no such person' })
    return report
  }
  for (const { uuid, name } of await otherProjects(original, shape))
    report.problems.push({ what: `project ${uuid}`, problem: `${name} and its members do not come: make it here` })
  return report
}

async function withAllElse({ original, shape }: PeopleImport, rows: readonly OriginalPerson[]): Promise<KnownPerson[]> {
  const ids = rows.map(({ id }) => id)
  const uuids = rows.flatMap(({ uuid }) => uuid ?? [])
  const [logins, groups, permissions, limits] = await Promise.all([
    loginsOf(original, shape, ids),
    groupsOf(original, ids),
    permissionsOf(original, shape, ids),
    systemLimitsOf(original, shape, uuids),
  ])
  const byId = <Item extends { userId: bigint }>(items: readonly Item[]) => Map.groupBy(items, ({ userId }) => userId)
  const [loginsById, groupsById, permissionsById] = [byId(logins), byId(groups), byId(permissions)]
  const limitsByUuid = Map.groupBy(limits, ({ uuid }) => uuid)
  return rows.flatMap((row) => {
    const { id, uuid } = row
    if (!uuid) return []
    return {
      ...row,
      uuid,
      logins: loginsById.get(id) ?? [],
      groups: (groupsById.get(id) ?? []).map(({ name }) => name),
      permissions: (permissionsById.get(id) ?? []).map(({ name }) => name),
      limits: limitsByUuid.get(uuid) ?? [],
    }
  })
}

function digestOf({ lastLoginAt: _, ...person }: KnownPerson): Buffer {
  const text = JSON.stringify(person, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
  return createHash('sha256').update(text).digest()
}

async function importPerson(
  run: PeopleImport,
  report: PeopleReport,
  person: KnownPerson,
  before: ImportRecord | undefined,
): Promise<void> {
  if (!person.emailVerified) {
    report.unverified += 1
    return
  }
  const { identity } = run
  const tell = (problem: string) => report.problems.push({ what: person.email, problem })
  const digest = digestOf(person)
  if (before?.digest.equals(digest)) {
    report.unchanged += 1
    if (before.problem) tell(before.problem)
    return
  }
  const here = await findUserByUuid(identity.db, person.uuid)
  if (here && !before)
    return void tell(`there is a person with the id ${person.uuid} here, who was not brought: he stays as he is`)
  if (before && !here) return void tell('he was brought before and deleted here: he was not brought again')
  if (before && !before.asBrought.equals(await accountDigest(identity.db, person.uuid)))
    return void tell('his account was changed here since he was brought, and in the original as well: it stays as it is here')
  try {
    const left = await bringPerson(identity, person, digest, run.dry)
    report.people += 1
    if (left.length > 0) tell(left.join('; '))
  } catch (error) {
    if (!(error instanceof Fault) && !isUnstorable(error)) throw error
    tell(`he was not brought: ${(error as Error).message}`)
  }
}
