// What the tests of this engine share: an engine in a temporary folder, and sources for volumes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Blocks, openFiles } from '@synnefo/engine-blocks'
import type { onTestFinished } from 'vitest'
import type { BlockMap, Volumes } from './index.ts'
import { openVolumes, type VolumesOptions } from './volumes.ts'

export interface TestVolumes {
  volumes: Volumes
  blocks: Blocks
  /** Holds `volumes`, `run` and `blocks`. */
  folder: string
}

export async function makeFolder(finished: typeof onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'volumes-'))
  finished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function openTestVolumes(
  finished: typeof onTestFinished,
  options: Pick<VolumesOptions, 'socketOwner'> = {},
): Promise<TestVolumes> {
  const folder = await makeFolder(finished)
  const blocks = await openFiles({ folder: join(folder, 'blocks') })
  const volumes = await openVolumes({ ...placesIn(folder), blocks, ...options })
  finished(() => volumes.close().catch(() => {})) // a test that breaks a volume knows
  return { volumes, blocks, folder }
}

export function placesIn(folder: string): { folder: string; runFolder: string } {
  return { folder: join(folder, 'volumes'), runFolder: join(folder, 'run') }
}

/** Stores an image as blocks. */
export async function storeImage(blocks: Blocks, image: Buffer, blockSizeBytes = 4 * 1024 * 1024): Promise<BlockMap> {
  const hashes: string[] = []
  for (let at = 0; at < image.length; at += blockSizeBytes) hashes.push(await blocks.put(image.subarray(at, at + blockSizeBytes)))
  return { sizeBytes: image.length, blockSizeBytes, hashes }
}
