import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blocksContract } from './contract.ts'
import { openCipher, openFiles, openSimulated } from './index.ts'

const ciphers = { files: undefined, 'encrypted files': openCipher(new Uint8Array(32).fill(7)) }

for (const [name, cipher] of Object.entries(ciphers))
  blocksContract(name, async (finished) => {
    const folder = await mkdtemp(join(tmpdir(), 'blocks-'))
    finished(() => rm(folder, { recursive: true }))
    const blocks = await openFiles({ folder, cipher })
    async function damage(hash: string) {
      const file = await open(blocks.pathOf(hash), 'r+')
      const first = Buffer.alloc(1)
      await file.read(first, 0, 1, 0)
      first[0]! ^= 1
      await file.write(first, 0, 1, 0)
      await file.close()
    }
    return { blocks, damage }
  })

blocksContract('simulated', async () => {
  const blocks = openSimulated()
  return { blocks, damage: blocks.damage }
})
