// Puts blocks until it is killed, and says the hash of each when it is acknowledged.
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openBlockBuffers, openFiles } from './index.ts'

const SIZES = [700_001, 1024 * 1024, 5000]
const blocks = await openFiles({ folder: process.argv[2]! })
const buffers = openBlockBuffers(1024 * 1024)

async function putOneAfterAnother(lane: number): Promise<never> {
  for (let turn = lane; ; turn += 1) {
    const buffer = buffers.take()
    const data = buffer.subarray(0, SIZES[turn % SIZES.length])
    randomBytes(data.length).copy(data)
    const hash = await blocks.put(data)
    buffers.giveBack(buffer)
    writeSync(1, `${hash}.\n`)
  }
}

await Promise.all([0, 1, 2].map(putOneAfterAnother))
