// A thread beside the main one that comes with work and goes when there has been none for a while.
import { Worker } from 'node:worker_threads'

export interface ThreadOptions<Answer> {
  script: URL
  /** As profilers show it. */
  name: string
  /** Its `workerData`. Shared memory in it is shared. */
  data?: unknown
  idleMillis?: number
  onAnswer(answer: Answer): void
  /** It takes no more orders. */
  onLeave(): void
  /** It has ended, by this error if there was one. */
  onEnd(failure: unknown): void
}

export interface Thread<Order> {
  post(order: Order): void
  /** There is work: neither it nor the process ends by itself until `rest`. */
  work(): void
  rest(): void
  /** Ends it in the midst of whatever it does, and answers when it has ended. */
  terminate(): Promise<void>
}

const IDLE_MS = 30_000

/** Begins at rest, but leaves only when it has rested after work. */
export function openThread<Order, Answer>(options: ThreadOptions<Answer>): Thread<Order> {
  const { script, name, data, idleMillis = IDLE_MS, onAnswer, onLeave, onEnd } = options
  const worker = new Worker(script, {
    name,
    workerData: data,
    // Its own heap holds next to nothing: what it works on is shared or lies outside.
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
  })
  worker.unref()
  let leaving: NodeJS.Timeout | undefined
  let failure: unknown
  worker.on('message', onAnswer)
  worker.on('error', (error) => {
    failure = error // what follows is its end
  })
  worker.on('exit', () => {
    clearTimeout(leaving)
    onLeave()
    onEnd(failure)
  })

  async function terminate() {
    await worker.terminate()
  }
  return {
    post: (order) => worker.postMessage(order),
    work() {
      clearTimeout(leaving)
      worker.ref()
    },
    rest() {
      worker.unref()
      leaving = setTimeout(() => {
        onLeave()
        void terminate()
      }, idleMillis).unref()
    },
    terminate,
  }
}
