// Finding QEMU processes. A pid alone proves nothing: it may have been given to another program since. A process is
// ours when its command line names the pid file, and it is the same one when it also started at the same moment.
import { readdir, readFile } from 'node:fs/promises'

export interface ProcessId {
  pid: number
  /** Clock ticks between the boot of the host and the start of the process. */
  startTime: string
}

/** The running process that holds this pid file. */
export async function findProcess(pidFile: string): Promise<ProcessId | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (!(pid > 0)) return undefined
  return (await argumentsOf(pid)).includes(pidFile) ? identify(pid) : undefined
}

/** Every running process whose command line names a pid file of this folder: pid file → process. */
export async function findProcesses(folder: string): Promise<Map<string, ProcessId>> {
  const found = new Map<string, ProcessId>()
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (!(pid > 0)) continue
    const args = await argumentsOf(pid)
    const pidFile = args[args.indexOf('-pidfile') + 1]
    if (!args.includes('-pidfile') || pidFile === undefined || !pidFile.startsWith(`${folder}/`)) continue
    const process = await identify(pid)
    if (process !== undefined) found.set(pidFile, process)
  }
  return found
}

/** Ends the process at once and answers when it is gone. */
export async function killProcess({ pid, startTime }: ProcessId): Promise<void> {
  const gone = async () => (await identify(pid))?.startTime !== startTime
  while (!(await gone())) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Memory of the process that lies in RAM; 0 when it is gone. */
export async function residentBytes(pid: number): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '')
  return Number(statm.split(' ')[1] ?? 0) * 4096
}

async function argumentsOf(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
}

/** A process that has ended but was not waited for yet (a zombie) counts as gone. */
async function identify(pid: number): Promise<ProcessId | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before it may hold anything
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, startTime: fields[19]! }
}
