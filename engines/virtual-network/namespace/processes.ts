// Programs that run on without us, found again by their pid file.

import { readFileSync } from 'node:fs'

/** The process that a pid file names, when it still is the one: its command line speaks of `mark`. */
export function livePid(pidFile: string, mark: string): number | undefined {
  const pid = Number(read(pidFile))
  return pid > 0 && read(`/proc/${pid}/cmdline`)?.includes(mark) ? pid : undefined
}

const PATIENCE_MS = 2000

/** Ends a process and answers when it is over; one that does not listen is killed. */
export async function end(pid: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  signal(pid, 'SIGTERM')
  while (!isOver(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Gone, or dead and not yet buried by its parent. */
function isOver(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat === undefined || /\) [ZX] /.test(stat)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
