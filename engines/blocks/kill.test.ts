import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openFiles } from './index.ts'

test('a killed writer leaves every block that it acknowledged, and no half ones', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const acknowledged: string[] = []
  for (const enough of [3, 12, 40]) {
    const writer = spawn(process.execPath, [new URL('./testing-writer.ts', import.meta.url).pathname, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const dead = once(writer, 'exit')
    let lines = 0
    for await (const hash of createInterface(writer.stdout)) {
      if (!hash.endsWith('.')) continue // killed while it told
      acknowledged.push(hash.slice(0, -1))
      lines += 1
      if (lines === enough) writer.kill('SIGKILL')
    }
    await dead
  }
  const blocks = await openFiles({ folder, leftoverSeconds: 0 })
  onTestFinished(() => blocks.close())
  expect(await blocks.present(acknowledged)).toEqual(new Set(acknowledged))
  let listed = 0
  for await (const { hash } of blocks.list()) {
    expect(await blocks.verify(hash)).toBe('good')
    listed += 1
  }
  expect(listed).toBeGreaterThanOrEqual(new Set(acknowledged).size)
})
