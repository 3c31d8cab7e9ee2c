// What the tests of this engine share: an engine in a temporary folder, and sources for volumes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Blocks, type Cipher, openFiles } from '@synnefo/engine-blocks'
import type { onTestFinished } from 'vitest'
import type { BlockMap, VolumeFacts, Volumes } from './index.ts'
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
  { cipher, ...options }: Pick<VolumesOptions, 'socketOwner'> & { cipher?: Cipher } = {},
): Promise<TestVolumes> {
  const folder = await makeFolder(finished)
  const blocks = await openFiles({ folder: join(folder, 'blocks'), cipher })
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

export interface ServerProcess {
  socketPath: string
  list(): Promise<VolumeFacts[]>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

/** Serves a volume of `folder` from a process of its own, started by `prefix` if given. */
export async function spawnServer(
  finished: typeof onTestFinished,
  folder: string,
  name: string,
  prefix: readonly string[] = [],
): Promise<ServerProcess> {
  const command = [...prefix, process.execPath, join(import.meta.dirname, 'testing-server.ts'), folder, name]
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  finished(kill)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the server ended')
    return value as string
  }
  return {
    socketPath: await line(),
    async list() {
      child.stdin.write('\n')
      return JSON.parse(await line())
    },
    kill,
  }
}
