// The thread of one served volume. It opens the volume, listens, and does what the engine asks; see worker-handle.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { listenNbd } from './nbd/server.ts'
import { Volume } from './volume/volume.ts'
import type { WorkerAnswer, WorkerOrder, WorkerTask } from './worker-handle.ts'

const { name, socketPath, owner, open } = workerData as WorkerTask
const port = parentPort!
const say = (answer: WorkerAnswer) => port.postMessage(answer)

const volume = new Volume(open)
let toldFault: string | undefined

function tellFault(): void {
  if (volume.fault === toldFault) return
  toldFault = volume.fault
  say({ kind: 'fault', fault: toldFault })
}

const server = await listenNbd({ name, volume, socketPath, owner, onWorked: tellFault })

port.on('message', (order: WorkerOrder) => {
  try {
    if (order.kind === 'grow') volume.grow(order.sizeBytes)
    else {
      server.close()
      port.unref() // nothing keeps this thread any more
      volume.close()
    }
    say({ kind: 'done' })
  } catch (error) {
    tellFault()
    say({ kind: 'failed', error })
  }
})
say({ kind: 'done' })
