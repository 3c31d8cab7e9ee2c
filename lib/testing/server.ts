// Vitest's global set-up: one real PostgreSQL for the whole run, found by the tests through SYNNEFO_TEST_DATABASE_URL.
// Durability is off: it is the tests' own data.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../postgres/index.ts'
import { serverUser } from './server-user.ts'

export default async function startTestServer() {
  if (process.env['SYNNEFO_TEST_DATABASE_URL']) return
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-pg-'))
  await chmod(folder, 0o755)
  const { prepared, close } = await openPostgres({
    folder: join(folder, 'postgres'),
    socketFolder: join(folder, 'run'),
    ...serverUser(),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  process.env['SYNNEFO_TEST_DATABASE_URL'] = prepared.adminUrl
  return async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  }
}
