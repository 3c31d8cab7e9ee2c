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

/** Fills memory from an offset of a file on, decrypted, as far as the file goes; answers how many bytes. */
function readFile(file: number, into: Uint8Array, offset: number, name: string): number {
  let filled = 0
  while (filled < into.length) {
    const read = readSync(file, into, filled, into.length - filled, offset + filled)
    if (read === 0) break
    filled += read
  }
  const content = into.subarray(0, filled)
  cipher?.applyInto(name, content, offset, content)
  return filled
}

/** Reads the whole file at once: blocks are small enough, and the memory is used again. */
function hashFile(file: number, bytes: number, name: string): string {
  if (memory.length < bytes) memory = Buffer.allocUnsafeSlow(bytes)
  return hashNow(memory.subarray(0, readFile(file, memory.subarray(0, bytes), 0, name)))
}

function work(order: BlockOrder): Outcome | string | number {
  if ('write' in order) return writeBlock(shelf, order.write, order.expected, encrypt)
  if ('into' in order) return readFile(order.file, order.into, order.offset, order.name)
  return hashFile(order.file, order.bytes, order.name)
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
