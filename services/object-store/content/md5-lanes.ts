// MD5 of large bodies. It can only be counted from the first byte to the last, so each body has a thread that counts it,
// which it shares with others when there are more bodies than threads. Threads come and go with the bodies.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

export interface Md5Order {
  id: number
  /** Shared memory is not copied on its way. */
  data?: Uint8Array
  end?: 'digest' | 'forget'
}

/** The MD5 of one body. */
export interface RunningMd5 {
  /** In order. The data must not change until this answers. */
  update(data: Uint8Array): Promise<void>
  /** In hex. Nothing can be added any more. */
  digest(): Promise<string>
  /** It is not wanted any more. */
  forget(): void
}

export interface Md5Lanes {
  open(): RunningMd5
}

interface Lane {
  worker: Worker
  bodies: number
  /** Told in the order in which they asked. */
  waiting: { resolve: (digest: string | undefined) => void; reject: (error: unknown) => void }[]
  leaving: NodeJS.Timeout | undefined
}

const IDLE_MS = 30_000

export function openMd5Lanes(most = availableParallelism()): Md5Lanes {
  const lanes = new Set<Lane>()
  let lastId = 0

  function start(): Lane {
    const worker = new Worker(new URL('./md5-thread.ts', import.meta.url), {
      name: 'md5',
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    })
    const lane: Lane = { worker, bodies: 0, waiting: [], leaving: undefined }
    lanes.add(lane)
    let failure: unknown
    worker.on('message', (digest: string | undefined) => lane.waiting.shift()?.resolve(digest))
    worker.on('error', (error) => {
      failure = error
    })
    worker.on('exit', () => {
      clearTimeout(lane.leaving)
      lanes.delete(lane)
      for (const { reject } of lane.waiting) reject(failure ?? new Error('the thread that counted an MD5 ended'))
    })
    return lane
  }

  function enter(): Lane {
    const [calmest] = [...lanes].sort((a, b) => a.bodies - b.bodies)
    const lane = calmest && (calmest.bodies === 0 || lanes.size >= most) ? calmest : start()
    clearTimeout(lane.leaving)
    lane.bodies += 1
    lane.worker.ref()
    return lane
  }

  function leave(lane: Lane): void {
    lane.bodies -= 1
    if (lane.bodies > 0) return
    lane.worker.unref()
    lane.leaving = setTimeout(() => {
      lanes.delete(lane)
      void lane.worker.terminate()
    }, IDLE_MS).unref()
  }

  return {
    open() {
      const lane = enter()
      lastId += 1
      const id = lastId
      let open = true
      const ask = (order: Omit<Md5Order, 'id'>) =>
        new Promise<string | undefined>((resolve, reject) => {
          if (!lanes.has(lane)) return reject(new Error('the thread that counted an MD5 ended'))
          lane.waiting.push({ resolve, reject })
          lane.worker.postMessage({ id, ...order })
        })
      const close = () => {
        if (open) leave(lane)
        open = false
      }
      return {
        async update(data) {
          await ask({ data })
        },
        digest: async () => (await ask({ end: 'digest' }).finally(close))!,
        forget() {
          if (open) ask({ end: 'forget' }).then(close, close)
        },
      }
    },
  }
}
