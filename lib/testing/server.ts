// Vitest's global set-up: one real PostgreSQL for the whole run, found by the tests through SYNNEFO_TEST_DATABASE_URL.
// Durability is off: it is the tests' own data.
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../postgres/index.ts'

export default async function startTestServer() {
  if (process.env['SYNNEFO_TEST_DATABASE_URL']) return
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-pg-'))
  await chmod(folder, 0o755)
  const { prepared, close } = await openPostgres({
    folder: join(folder, 'postgres'),
    socketFolder: join(folder, 'run'),
    ...(process.getuid?.() === 0 ? { user: nobody() } : {}),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  process.env['SYNNEFO_TEST_DATABASE_URL'] = prepared.adminUrl
  return async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** PostgreSQL refuses to run as root. */
function nobody() {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
