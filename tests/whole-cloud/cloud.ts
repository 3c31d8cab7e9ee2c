// A real cloud of a test's own: what `./synnefo up` starts, on a free port, with addresses that no other cloud of this
// host has, so that several run side by side and the host reaches the guests of each.
import { randomInt } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OnTestFinished, until } from '@synnefo/lib/testing'
import { type TestCloud, testCloud } from '../synnefo.ts'

export interface RunningCloud extends TestCloud {
  /** Without a slash at the end. */
  url: string
  /** The first address of the public network. */
  gateway: string
}

export async function startCloud(onTestFinished: OnTestFinished, user?: { uid: number; gid: number }): Promise<RunningCloud> {
  const cloud = await testCloud(onTestFinished, user)
  const subnet = `10.${randomInt(64, 192)}.${randomInt(256)}`
  await writeFile(join(cloud.home, 'settings/test.toml'), `PUBLIC_NETWORK_CIDR = "${subnet}.0/24"\n`)
  await up(cloud, '--port', '0')
  const { urls } = await cloud.status()
  return { ...cloud, url: urls['web']!.replace(/\/$/, ''), gateway: `${subnet}.1` }
}

/** Fails with what `up` and the programs said. */
export async function up(cloud: TestCloud, ...words: string[]): Promise<void> {
  const { code, output, errors } = await cloud.run('up', ...words)
  if (code !== 0) throw new Error(`up ended with ${code}:\n${output}\n${errors}\n${(await cloud.run('logs')).output}`)
}

/** `down --servers` answers when machines were asked; this, when they are gone. */
export const untilNoMachineRuns = (home: string) => until(() => machinesOf(home).length === 0)

export interface Machine {
  pid: number
  /** Clock ticks from the boot of the host to the start of the process: with it a pid is never another's. */
  startTicks: string
}

/** The QEMU processes of this cloud: they name sockets in the folder that `run` in its home leads to while it is up. */
export function machinesOf(home: string): Machine[] {
  const runFolder = runFolderOf(home)
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`)
      const [, fields] = read(`/proc/${pid}/stat`).split(') ')
      const isMachine = command.includes('qemu-system') && command.includes('-pidfile') && command.includes(`${runFolder}/`)
      if (!isMachine || fields === undefined || fields.startsWith('Z')) return []
      return [{ pid: Number(pid), startTicks: fields.split(' ')[19]! }]
    })
}

/** Also of a cloud that is down. */
function runFolderOf(home: string): string {
  const folder = join(home, 'run')
  return lstatSync(folder).isSymbolicLink() ? readlinkSync(folder) : folder
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}
