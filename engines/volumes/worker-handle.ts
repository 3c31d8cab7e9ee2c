// The engine's side of a served volume's thread.
import { Worker } from 'node:worker_threads'
import type { SocketOwner } from './nbd/server.ts'
import type { OpenVolume } from './volume/volume.ts'

export interface WorkerTask {
  name: string
  socketPath: string
  owner?: SocketOwner
  open: OpenVolume
}

export type WorkerOrder = { kind: 'grow'; sizeBytes: number } | { kind: 'release' }
export type WorkerAnswer = { kind: 'done' } | { kind: 'failed'; error: unknown } | { kind: 'fault'; fault: string | undefined }

export interface WorkerHandle {
  grow(sizeBytes: number): Promise<void>
  /** The thread has ended when this answers or fails. */
  release(): Promise<void>
}

export interface WorkerEvents {
  onFault(fault: string | undefined): void
  /** The thread ended without having been asked to. */
  onLost(error: unknown): void
}

/** Answers when the volume is being served. */
export async function startWorker(task: WorkerTask, { onFault, onLost }: WorkerEvents): Promise<WorkerHandle> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: task.name,
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
  })
  let waiting: { resolve: () => void; reject: (error: unknown) => void } | undefined
  let failure: unknown
  let phase: 'starting' | 'serving' | 'leaving' = 'starting'

  const answer = () =>
    new Promise<void>((resolve, reject) => {
      waiting = { resolve, reject }
    })
  worker.on('message', (message: WorkerAnswer) => {
    if (message.kind === 'fault') return onFault(message.fault)
    const asked = waiting
    waiting = undefined
    if (message.kind === 'done') asked?.resolve()
    else asked?.reject(message.error)
  })
  worker.on('error', (error) => {
    failure = error
  })
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      const error = failure ?? new Error(`the thread of volume ${task.name} ended`)
      waiting?.reject(error)
      if (phase === 'serving') onLost(error)
      resolve()
    })
  })
  const ask = async (order: WorkerOrder) => {
    worker.postMessage(order)
    await answer()
  }

  await answer()
  phase = 'serving'
  return {
    grow: (sizeBytes) => ask({ kind: 'grow', sizeBytes }),
    async release() {
      phase = 'leaving'
      try {
        await ask({ kind: 'release' })
      } finally {
        await ended
      }
    },
  }
}
