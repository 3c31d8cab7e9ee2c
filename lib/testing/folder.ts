import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OnTestFinished } from './database.ts'

/** A folder of this test's own, removed when it ends. */
export async function temporaryFolder(onTestFinished: OnTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
