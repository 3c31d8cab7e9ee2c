// A measurement that is ended by a signal cleans up first: its cloud is stopped and removed.
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export class Interrupted extends Error {
  /** As a shell tells it. */
  readonly exitCode: number
  constructor(signal: (typeof SIGNALS)[number]) {
    super(`ended by ${signal}`)
    this.name = 'Interrupted'
    this.exitCode = 128 + constants.signals[signal]
  }
}

/** The work, which is given up when a signal comes: then this throws `Interrupted`. `given.signal` ends programs that the work runs. */
export async function untilInterrupted<T>(work: (given: { signal: AbortSignal }) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  const handlers = SIGNALS.map((signal) => ({ signal, handle: () => abort.abort(new Interrupted(signal)) }))
  for (const { signal, handle } of handlers) process.on(signal, handle)
  try {
    const interrupted = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(abort.signal.reason))
    })
    return await Promise.race([work({ signal: abort.signal }), interrupted])
  } finally {
    for (const { signal, handle } of handlers) process.off(signal, handle)
  }
}

/** Cleaning up, which is done to the end whatever signals come. */
export async function undisturbed(work: () => Promise<void>): Promise<void> {
  const ignore = () => {}
  for (const signal of SIGNALS) process.on(signal, ignore)
  try {
    await work()
  } finally {
    for (const signal of SIGNALS) process.off(signal, ignore)
  }
}
