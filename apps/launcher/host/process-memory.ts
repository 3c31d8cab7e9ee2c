// What our processes are and how much memory they hold, read from /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { parentOf } from './process-identity.ts'

/** Proportional set size: shared pages are split among those who share them, so that a sum counts each page once. */
export function pssBytes(pid: number): number | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const kibibytes = /^Pss: +(\d+) kB$/m.exec(rollup)?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  } catch {
    return undefined // gone, or somebody else's
  }
}

/** How much memory each of these holds, null where the system does not say. Those that have ended are left out. */
export function withMemory<Process extends { pid: number }>(processes: readonly Process[]) {
  return processes.flatMap((process) => {
    const bytes = pssBytes(process.pid)
    const hasEnded = bytes === undefined && commandLine(process.pid).length === 0
    return hasEnded ? [] : [{ ...process, pssBytes: bytes ?? null }]
  })
}

/** All processes below `roots`, without them, in order of number. */
export function descendants(roots: readonly number[]): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined
    if (parent !== undefined) parents.set(Number(entry), parent)
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (roots.includes(parent) || isBelow(parent))
  }
  return [...parents.keys()].filter((pid) => !roots.includes(pid) && isBelow(pid)).sort((a, b) => a - b)
}

/** The words of the command line; PostgreSQL writes what it is doing there. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
  } catch {
    return []
  }
}

export function executable(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return undefined
  }
}

/** Processor time that these processes, and those below them, have taken so far; of those that ended too, once they are waited for. */
export function cpuSeconds(roots: readonly number[]): number {
  const ticks = [...roots, ...descendants(roots)].map((pid) => {
    try {
      // After the name, which stands in parentheses and may hold anything: user, system, and both of children that ended.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
    } catch {
      return 0 // gone
    }
  })
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND
}

/** What Linux tells programs, whatever the kernel counts in. */
const TICKS_PER_SECOND = 100
