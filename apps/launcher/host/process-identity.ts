// Which process a number means. Numbers are used again after an exit and after a reboot, so what is written down
// about a process names the boot and the moment it started as well.
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  pid: number
  bootId: string
  /** Clock ticks from boot to the start of the process, as text: field 22 of /proc/PID/stat. */
  startTicks: string
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/** The fields of /proc/PID/stat after the command's name, which may itself hold spaces and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** undefined when there is no such process, or only its unreaped remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid)
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { pid, bootId: bootId(), startTicks: fields[19]! }
}

export function isRunning(process: ProcessIdentity): boolean {
  const now = identify(process.pid)
  return now !== undefined && now.startTicks === process.startTicks && now.bootId === process.bootId
}

export function parentOf(pid: number): number | undefined {
  const fields = statFields(pid)
  return fields && Number(fields[1])
}
