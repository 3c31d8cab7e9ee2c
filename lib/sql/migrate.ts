// Migrations are numbered files of one service, applied forward only, each once, each in one transaction with the
// note that it was applied. Services come in the order given; one advisory lock keeps two starting processes from
// doing it at once.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import sql, { raw } from 'sql-template-tag'
import type { Db, Queryable } from './database.ts'

export interface Migrations {
  /** The service's name. */
  service: string
  /** Where NNNN-name.sql files lie. */
  folder: URL
}

const LOCK = 7_665_001

/** Rewriting a large table takes longer than any request may, and so does waiting for who does it. */
const PATIENT = { patient: true }

/** Brings the database up to date and answers the names of what was applied. Fails when an applied file was changed since, or when the database is newer than the program. */
export async function migrate(db: Db, services: readonly Migrations[]): Promise<string[]> {
  await db.transaction(async (tx) => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
    await tx.run(sql`
      CREATE TABLE IF NOT EXISTS public.migrations (
        service text NOT NULL,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (service, name))`)
  }, PATIENT)
  const applied: string[] = []
  for (const { service, folder } of services) {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
    const strange = files.find((file) => !/^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    if (strange) throw new Error(`migration ${service}/${strange} is not named NNNN-name.sql`)
    const known = await db.any<{ name: string }>(sql`SELECT name FROM public.migrations WHERE service = ${service}`)
    const newer = known.find(({ name }) => !files.includes(name))
    if (newer) {
      const what = `the database has migration ${service}/${newer.name}, which this version does not know`
      throw new Error(`${what}: start the version that made it, or a newer one`)
    }
    for (const file of files) {
      if (await applyOnce(db, service, file, await readFile(new URL(file, folder), 'utf8'))) applied.push(`${service}/${file}`)
    }
  }
  return applied
}

export interface KnownMigration {
  name: string
  /** Undefined when the database does not have it yet. */
  appliedAt: Date | undefined
}

/** The migrations of a service in their order. */
export async function listMigrations(q: Queryable, { service, folder }: Migrations): Promise<KnownMigration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  const applied = await q.any<{ name: string; appliedAt: Date }>(
    sql`SELECT name, applied_at AS "appliedAt" FROM public.migrations WHERE service = ${service}`,
  )
  const times = new Map(applied.map(({ name, appliedAt }) => [name, appliedAt]))
  return files.map((name) => ({ name, appliedAt: times.get(name) }))
}

async function applyOnce(db: Db, service: string, name: string, text: string): Promise<boolean> {
  const checksum = createHash('sha256').update(text).digest('hex')
  return db.transaction(async (tx) => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
    const before = await tx.maybeOne<{ checksum: string }>(
      sql`SELECT checksum FROM public.migrations WHERE service = ${service} AND name = ${name}`,
    )
    if (before) {
      if (before.checksum !== checksum)
        throw new Error(`migration ${service}/${name} was changed after it was applied: add a new one instead`)
      return false
    }
    // A migration holds several statements, which a prepared statement cannot; EXECUTE inside DO can.
    await tx.run(raw(`DO $synnefo_migration$ BEGIN EXECUTE ${quote(text)}; END $synnefo_migration$`))
    await tx.run(sql`INSERT INTO public.migrations (service, name, checksum) VALUES (${service}, ${name}, ${checksum})`)
    return true
  }, PATIENT)
}

/** A dollar-quoted literal whose tag does not occur in the text. */
function quote(text: string): string {
  let tag = '$sql$'
  for (let turn = 0; text.includes(tag); turn += 1) tag = `$sql${turn}$`
  return `${tag}${text}${tag}`
}
