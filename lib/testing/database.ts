import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import { silentLog } from '../log/index.ts'
import { type DatabaseOptions, type Db, type Migrations, migrate, openDatabase } from '../sql/index.ts'

/** What vitest hands to a test as `onTestFinished`. */
export type OnTestFinished = (work: () => void | Promise<void>) => void

/**
 * A database of this test's own on a real PostgreSQL, with these services' migrations applied; dropped when the test
 * ends. The migrated state is made once per server and copied, which takes some 50 ms.
 */
export async function openTestDatabase(
  onTestFinished: OnTestFinished,
  services: readonly Migrations[] = [],
  options: Pick<DatabaseOptions, 'poolSize'> = {},
): Promise<Db & { url: string }> {
  const adminUrl = process.env['SYNNEFO_TEST_DATABASE_URL']
  if (!adminUrl) throw new Error('SYNNEFO_TEST_DATABASE_URL is not set: run tests with vitest from the root of the repository')
  const urlOf = (database: string) => adminUrl.replace(/\/postgres\?/, `/${database}?`)
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  try {
    const template = await ensureTemplate(admin, services, urlOf)
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  } finally {
    await admin.end()
  }
  const db = openDatabase({ ...options, url: urlOf(name), log: silentLog, name })
  onTestFinished(async () => {
    await db.close()
    const cleaner = new pg.Client({ connectionString: adminUrl })
    await cleaner.connect()
    await cleaner.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await cleaner.end()
  })
  return { ...db, url: urlOf(name) }
}

/** The template holds what these migrations make; its name says which they are, so a changed file makes a new one. */
async function ensureTemplate(
  admin: pg.Client,
  services: readonly Migrations[],
  urlOf: (database: string) => string,
): Promise<string> {
  const hash = createHash('sha1')
  for (const { service, folder } of services) {
    for (const file of (await readdir(folder)).sort())
      hash.update(`${service}/${file}`).update(await readFile(new URL(file, folder)))
  }
  const name = `template_${hash.digest('hex')}`
  await admin.query('SELECT pg_advisory_lock(7665002)')
  try {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount) return name
    const draft = `${name}_new`
    await admin.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
    await admin.query(`CREATE DATABASE ${draft}`)
    const db = openDatabase({ url: urlOf(draft), log: silentLog, name: draft, poolSize: 1 })
    try {
      await migrate(db, services)
    } finally {
      await db.close()
    }
    await admin.query(`ALTER DATABASE ${draft} RENAME TO ${name}`)
    return name
  } finally {
    await admin.query('SELECT pg_advisory_unlock(7665002)')
  }
}
