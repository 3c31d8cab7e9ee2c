// Starting QEMU so that it is nobody's child: in a session and process group of its own, adopted by init, it lives on
// whatever becomes of us. Its files say how to find it again.
import { spawn } from 'node:child_process'
import { chown, mkdir, open, readFile } from 'node:fs/promises'
import { Refusal } from '../words.ts'
import type { MachineFiles } from './arguments.ts'

export interface Launch {
  program: string
  args: readonly string[]
  /** Command prefix that enters the network namespace. */
  enter: readonly string[]
  files: MachineFiles
  folder: string
}

/**
 * Starts the program. `ended` resolves when the process, or its attempt, is over: it holds the other end of a pipe
 * that nobody writes to.
 */
export async function launch({ program, args, enter, files, folder }: Launch): Promise<{ ended: Promise<void> }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Its sockets may be there already: they are those of a predecessor, dead or alive, and QEMU itself replaces them once it
  // has the pid file. Two that start at the same time write into one log, one behind the other.
  const log = await open(files.log, 'a', 0o600)
  try {
    await log.truncate()
    const command = ['--fork', ...enter, 'setpriv', '--no-new-privs', '--', program, ...args]
    const starter = spawn('setsid', command, {
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
      cwd: '/',
      env: { PATH: process.env['PATH'] },
    })
    await new Promise((resolve, reject) => {
      starter.once('spawn', resolve)
      starter.once('error', (cause) =>
        reject(new Refusal('The host lacks the program setsid: its package is util-linux', { cause })),
      )
    })
    const lifeline = starter.stdio[3] as import('node:net').Socket
    lifeline.unref() // a machine keeps no program of ours alive
    starter.unref()
    return { ended: new Promise((resolve) => lifeline.once('close', () => resolve()).resume()) }
  } finally {
    await log.close()
  }
}

/** The end of what QEMU said. */
export async function lastWords(files: MachineFiles): Promise<string> {
  const said = await readFile(files.log, 'utf8').catch(() => '')
  return said.trim().slice(-2_000)
}

/** A folder in which QEMU itself may write, whoever it runs as. */
export async function makeFolderFor(user: { uid: number; gid: number } | undefined, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user !== undefined) await chown(folder, user.uid, user.gid)
}
