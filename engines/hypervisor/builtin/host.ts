// Facts about this host.
import { accessSync, constants, readFileSync } from 'node:fs'
import { open, readFile, statfs } from 'node:fs/promises'
import { availableParallelism, release, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Host {
  /** Differs after every boot. */
  readonly bootId: string
  readonly kernel: string
  readonly cpus: number
  readonly ramBytes: number
  /** Memory that can be had without swapping. */
  availableRamBytes(): Promise<number>
  diskSpace(): Promise<{ totalBytes: number; freeBytes: number }>
  /** Whether the kernel ended this process because memory ran out, as far as its log tells. */
  endedForMemory(pid: number): Promise<boolean>
  /** Where a program is; undefined when it is not installed. */
  findProgram(name: string): string | undefined
}

export function openHost({ diskFolder }: { diskFolder: string }): Host {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    kernel: release(),
    cpus: availableParallelism(),
    ramBytes: totalmem(),
    async availableRamBytes() {
      const kib = /^MemAvailable:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8'))
      return Number(kib?.[1] ?? 0) * 1024
    },
    async diskSpace() {
      const { blocks, bavail, bsize } = await statfs(diskFolder)
      return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
    },
    endedForMemory: async (pid) =>
      (await kernelLog()).some((line) => line.includes('ut of memory') && line.includes(`rocess ${pid} `)),
    findProgram(name) {
      const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
      return places.map((place) => join(place, name)).find(isProgram)
    },
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Empty where we may not read it. */
async function kernelLog(): Promise<string[]> {
  const lines: string[] = []
  const log = await open('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (log === undefined) return lines
  const buffer = Buffer.alloc(8192)
  try {
    for (;;) {
      const { bytesRead } = await log.read(buffer, 0, buffer.length, null) // one line each
      if (bytesRead === 0) return lines
      lines.push(buffer.toString('utf8', 0, bytesRead))
    }
  } catch {
    return lines // EAGAIN: no more
  } finally {
    await log.close()
  }
}
