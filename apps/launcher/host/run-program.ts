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

/** Runs a command and answers what it wrote to standard output; its errors are seen. Throws when it fails. */
export function captureProgram(
  [file, ...words]: readonly string[],
  options: { env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<string> {
  const child = spawn(file!, words, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
  const said: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => said.push(data))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(said).toString().trim())
      else reject(new Error(`${file} ${words.slice(0, 2).join(' ')} … ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}
