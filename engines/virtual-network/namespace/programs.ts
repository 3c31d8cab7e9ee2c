import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HostNotReady } from '../errors.ts'

const PACKAGE_OF = {
  dnsmasq: 'dnsmasq-base',
  ip: 'iproute2',
  nft: 'nftables',
  nsenter: 'util-linux',
  pasta: 'passt',
  setpriv: 'util-linux',
  unshare: 'util-linux',
} as const

export type Program = keyof typeof PACKAGE_OF
export type Programs = Readonly<Record<Program, string>>

/** The full paths of these programs; fails with one sentence that installs all that are missing. */
export async function findPrograms(needed: readonly Program[], path = process.env['PATH'] ?? ''): Promise<Programs> {
  // Debian keeps /sbin out of the path of ordinary users, though they may run what is in it.
  const folders = [...path.split(':').filter(Boolean), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  const found = await Promise.all(needed.map(async (program) => [program, await findProgram(program, folders)] as const))
  const missing = found.flatMap(([program, place]) => (place ? [] : [program]))
  if (missing.length > 0) throw missingPrograms(missing)
  return Object.fromEntries(found) as Programs
}

export function missingPrograms(missing: readonly Program[]): HostNotReady {
  const packages = [...new Set(missing.map((program) => PACKAGE_OF[program]))].join(' ')
  const remedy = `apt-get install -y --no-install-recommends ${packages}`
  return new HostNotReady(`Networks need ${missing.join(', ')}. Install with: ${remedy}`)
}

export async function findProgram(program: Program, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const place = join(folder, program)
    const usable = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return place
  }
  return undefined
}

const execute = promisify(execFile)

/** Runs a program to its end and answers what it printed; fails with what it complained about. */
export async function run(command: readonly string[], input = ''): Promise<string> {
  const [program = '', ...rest] = command
  const running = execute(program, rest, { maxBuffer: 256 * 1024 * 1024 })
  running.child.stdin?.on('error', () => undefined) // it ended without reading all: its exit code tells why
  running.child.stdin?.end(input)
  try {
    return (await running).stdout
  } catch (error) {
    const complaint = (error as { stderr?: string }).stderr?.trim()
    throw new Error(`${command.join(' ')}: ${complaint || (error as Error).message}`, { cause: error })
  }
}
