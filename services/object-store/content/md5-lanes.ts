// MD5 of large bodies. It can only be counted from the first byte to the last, so each body has a thread that counts it,
// which it shares with others when there are more bodies than threads. Threads come and go with the bodies.
import { availableParallelism } from 'node:os'
import { openThread, type Thread } from '@synnefo/lib/thread'

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
  thread: Thread<Md5Order>
  bodies: number
  /** Told in the order in which they asked. */
  waiting: { resolve: (digest: string | undefined) => void; reject: (error: unknown) => void }[]
}

export function openMd5Lanes(most = availableParallelism()): Md5Lanes {
  const lanes = new Set<Lane>()
  let lastId = 0

  function start(): Lane {
    const thread = openThread<Md5Order, string | undefined>({
      script: new URL('./md5-thread.ts', import.meta.url),
      name: 'md5',
      onAnswer: (digest) => lane.waiting.shift()?.resolve(digest),
      onLeave: () => void lanes.delete(lane),
      onEnd(failure) {
        for (const { reject } of lane.waiting) reject(failure ?? new Error('the thread that counted an MD5 ended'))
      },
    })
    const lane: Lane = { thread, bodies: 0, waiting: [] }
    lanes.add(lane)
    return lane
  }

  function enter(): Lane {
    const [calmest] = [...lanes].sort((a, b) => a.bodies - b.bodies)
    const lane = calmest && (calmest.bodies === 0 || lanes.size >= most) ? calmest : start()
    lane.bodies += 1
    lane.thread.work()
    return lane
  }

  function leave(lane: Lane): void {
    lane.bodies -= 1
    if (lane.bodies === 0) lane.thread.rest()
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
          lane.thread.post({ id, ...order })
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
