// One thread of md5-lanes.ts.
import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { Md5Order } from './md5-lanes.ts'

const port = parentPort!
const running = new Map<number, Hash>()

port.on('message', ({ id, data, end }: Md5Order) => {
  if (data) {
    let md5 = running.get(id)
    if (!md5) {
      md5 = createHash('md5')
      running.set(id, md5)
    }
    md5.update(data)
  }
  const digest = end === 'digest' ? (running.get(id) ?? createHash('md5')).digest('hex') : undefined
  if (end) running.delete(id)
  port.postMessage(digest)
})
