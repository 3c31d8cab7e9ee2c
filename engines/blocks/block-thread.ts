// One thread of block-threads.ts.
import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { BlockAnswer, BlockOrder } from './block-threads.ts'
import { openCipher } from './cipher.ts'
import { hashNow } from './hash.ts'
import { encryptAligned, type Outcome, type Shelf, writeBlock } from './write-block.ts'

const shelf = workerData as Shelf
const port = parentPort!
const cipher = shelf.key && openCipher(shelf.key)
const encrypt = cipher && encryptAligned(cipher)
let memory = Buffer.alloc(0)

/** Reads the whole file at once: blocks are small enough, and the memory is used again. */
function hashFile(file: number, bytes: number, name: string): string {
  if (memory.length < bytes) memory = Buffer.allocUnsafeSlow(bytes)
  let filled = 0
  while (filled < bytes) {
    const read = readSync(file, memory, filled, bytes - filled, filled)
    if (read === 0) break
    filled += read
  }
  const content = memory.subarray(0, filled)
  cipher?.applyInto(name, content, 0, content)
  return hashNow(content)
}

function work(order: BlockOrder): Outcome | string {
  return 'write' in order
    ? writeBlock(shelf, order.write, order.expected, encrypt)
    : hashFile(order.file, order.bytes, order.name)
}

port.on('message', (order: BlockOrder) => {
  let answer: BlockAnswer
  try {
    answer = { done: work(order) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    answer = { error: { code, message } }
  }
  port.postMessage(answer)
})
