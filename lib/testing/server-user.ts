import { execFileSync } from 'node:child_process'
import type { PostgresOptions } from '../postgres/index.ts'

/** Whom a test's own server runs as: PostgreSQL refuses to run as root. */
export function serverUser(): Pick<PostgresOptions, 'user'> {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { user: { uid: id('-u'), gid: id('-g') } }
}
