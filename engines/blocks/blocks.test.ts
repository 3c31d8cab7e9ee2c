import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blocksContract } from './contract.ts'
import { openFiles, openSimulated } from './index.ts'

blocksContract('files', async (finished) => {
  const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
  finished(() => rm(folder, { recursive: true }))
  const blocks = await openFiles({ folder })
  async function damage(hash: string) {
    const file = await open(blocks.pathOf(hash), 'r+')
    await file.write('X', 0)
    await file.close()
  }
  return { blocks, damage }
})

blocksContract('simulated', async () => {
  const blocks = openSimulated()
  return { blocks, damage: blocks.damage }
})
