import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Runs a command on this terminal (quiet: only its errors are seen) and answers its exit code, as a shell tells it. */
export function runProgram(
  [file, ...words]: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; quiet?: boolean } = {},
): Promise<number> {
  const { quiet = false, ...rest } = options
  const child = spawn(file!, words, { ...rest, stdio: ['inherit', quiet ? 'ignore' : 'inherit', 'inherit'] })
  // What the terminal sends reaches the child by itself; we wait for what it makes of it.
  const ignore = () => {}
  process.on('SIGINT', ignore)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore)
      resolve(code ?? 128 + constants.signals[signal!])
    })
  })
}
