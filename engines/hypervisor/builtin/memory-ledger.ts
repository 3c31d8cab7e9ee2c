// Memory promised to machines. It is not taken from the host until a guest uses it, so what the host calls available
// says too little: from it comes off what running machines were promised and have not taken yet.
import type { Host } from './host.ts'
import { residentBytes } from './machine/process.ts'
import { notEnoughMemory, Refusal } from './words.ts'

/** What a QEMU process needs besides the memory of its guest: most of it is translated code. */
const OVERHEAD_BYTES = 128 * 2 ** 20
/** Left to the host. */
const RESERVE_BYTES = 128 * 2 ** 20

export interface MemoryLedger {
  /** Promises memory to a machine; refuses when there is not enough. */
  promise(name: string, ramBytes: number): Promise<void>
  /** Notes the process of a machine that runs. */
  note(name: string, ramBytes: number, pid: number): void
  release(name: string): void
  /** What could be promised now. */
  freeBytes(): Promise<number>
}

export function openMemoryLedger(host: Pick<Host, 'availableRamBytes'>): MemoryLedger {
  const promised = new Map<string, { bytes: number; pid?: number }>()
  let lastPromise: Promise<unknown> = Promise.resolve()

  async function freeBytes(): Promise<number> {
    let free = (await host.availableRamBytes()) - RESERVE_BYTES
    for (const { bytes, pid } of promised.values()) {
      const taken = pid === undefined ? 0 : await residentBytes(pid)
      free -= Math.max(0, bytes - taken)
    }
    return free
  }

  async function promise(name: string, ramBytes: number): Promise<void> {
    promised.delete(name) // it starts afresh
    const bytes = ramBytes + OVERHEAD_BYTES
    const free = await freeBytes()
    if (free < bytes) throw new Refusal(notEnoughMemory(bytes, free))
    promised.set(name, { bytes })
  }

  return {
    promise(name, ramBytes) {
      const turn = lastPromise.then(() => promise(name, ramBytes)) // one after another: each sees the ones before
      lastPromise = turn.catch(() => {})
      return turn
    },
    note: (name, ramBytes, pid) => void promised.set(name, { bytes: ramBytes + OVERHEAD_BYTES, pid }),
    release: (name) => void promised.delete(name),
    freeBytes: async () => Math.max(0, await freeBytes()),
  }
}
