// For tests: a cloud, an installation of the original beside it, and the command that brings the one to the other.
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect } from 'vitest'
import { commandLine } from '../commands/testing.ts'
import { openTestCloud, type TestClient, type TestObjectStoreOptions } from '../testing.ts'
import { openFakeOriginal } from './testing.ts'

export const BLOCK = 1024

export async function openMove(
  onTestFinished: OnTestFinished,
  { sqlite = false, ...options }: TestObjectStoreOptions & { sqlite?: boolean } = {},
) {
  const cloud = await openTestCloud(onTestFinished, {
    ...options,
    settings: { PITHOS_BACKEND_BLOCK_SIZE: BLOCK, ...options.settings },
  })
  const original = await openFakeOriginal(onTestFinished, { blockSizeBytes: BLOCK, sqlite })
  const manage = commandLine(cloud)
  const line = `pithos-import --database ${original.database} --data ${original.data} --block-size ${BLOCK}`
  return {
    cloud,
    original,
    manage,
    line,
    bring: (more = '') => manage(`${line} ${more}`),
    alice: await cloud.user(),
    bob: await cloud.user(),
  }
}

/** Figures, contents and quota agree with what is there. */
export async function expectSound(manage: ReturnType<typeof commandLine>) {
  expect(await manage('pithos-fsck --verify-data')).toMatchObject({ status: 0 })
  expect((await manage('reconcile-resources-pithos')).out).toBe('')
  expect((await manage('reconcile-resources-pithos')).err).toContain('in sync')
}

export const text = async (who: TestClient, path: string) => (await who.send('GET', path)).text
