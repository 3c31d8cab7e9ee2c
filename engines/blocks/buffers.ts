// Memory for blocks on their way in, shared with the threads that store them. All of it is one piece that begins at a
// page, so that blocks go from it to disk without passing through the page cache. Left to the garbage collector, the
// buffers of a fast upload would pile up to gigabytes.

/** Buffers of one size, used again and again. */
export interface BlockBuffers {
  take(): Buffer
  /** Nobody may look at it any more. */
  giveBack(buffer: Buffer): void
}

/** What is used here of the global of that name, which the types of Node leave to browsers. */
declare const WebAssembly: {
  Memory: new (size: {
    initial: number
    maximum: number
    shared: true
  }) => {
    readonly buffer: SharedArrayBuffer
    grow(pages: number): number
  }
}

const PAGE_BYTES = 64 * 1024
/** 4 GiB, the most that can be told apart. It is reserved, not used. */
const MAX_PAGES = 65_536
/** Memory that nobody has used for so long goes back to the host. */
const IDLE_MS = 60_000

export function openBlockBuffers(bytes: number, idleMs = IDLE_MS): BlockBuffers {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  let memory: InstanceType<typeof WebAssembly.Memory> | undefined
  let free: Buffer[] = []
  let taken = 0
  let idle: NodeJS.Timeout | undefined

  function grow(): Buffer {
    try {
      memory ??= new WebAssembly.Memory({ initial: 0, maximum: MAX_PAGES, shared: true })
      const offset = memory.grow(pages) * PAGE_BYTES
      return Buffer.from(memory.buffer, offset, bytes)
    } catch {
      return Buffer.from(new SharedArrayBuffer(bytes)) // where so much address space cannot be had
    }
  }
  function forget() {
    if (taken > 0) return
    memory = undefined
    free = []
  }

  return {
    take() {
      clearTimeout(idle)
      taken += 1
      return free.pop() ?? grow()
    },
    giveBack(buffer) {
      taken -= 1
      free.push(buffer)
      if (taken > 0) return
      clearTimeout(idle)
      idle = setTimeout(forget, idleMs).unref()
    },
  }
}
