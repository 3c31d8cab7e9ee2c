// A dnsmasq that runs on without us: no child of ours, found again by its pid file, with all it knows in files that
// are written whole. It holds nothing that could be lost, so it may die and start at any time.

import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere } from './durable-file.ts'
import type { Ground } from './ground.ts'
import { end, livePid, signal } from './processes.ts'
import { run } from './programs.ts'

export interface Dnsmasq {
  /** Runs with this configuration when it answers. `files` are read again when they changed; by name in its folder. */
  ensure(configuration: readonly string[], files: Readonly<Record<string, string>>): Promise<void>
  isAlive(): boolean
  stop(): Promise<void>
}

export function dnsmasqIn(folder: string, ground: Ground): Dnsmasq {
  const configurationFile = join(folder, 'dnsmasq.conf')
  const find = () => livePid(join(folder, 'pid'), configurationFile)
  const user = ground.dhcpUser === '' ? ['user=', 'group='] : [`user=${ground.dhcpUser}`]
  const common = [
    `pid-file=${join(folder, 'pid')}`,
    `log-facility=${join(folder, 'log')}`,
    ...user,
    'bind-dynamic',
    'except-interface=lo',
  ]

  async function endIt(): Promise<void> {
    const pid = find()
    if (pid !== undefined) await end(pid)
  }

  return {
    async ensure(configuration, files) {
      await mkdir(folder, { recursive: true, mode: 0o755 })
      const isOther = await replace(configurationFile, [...common, ...configuration].map((line) => `${line}\n`).join(''))
      let filesChanged = false
      for (const [name, text] of Object.entries(files)) filesChanged = (await replace(join(folder, name), text)) || filesChanged
      const pid = find()
      if (pid !== undefined && !isOther) {
        if (filesChanged) signal(pid, 'SIGHUP')
        return
      }
      await endIt()
      await run([...ground.enter(), ground.programs.dnsmasq, `--conf-file=${configurationFile}`])
    },
    isAlive: () => find() !== undefined,
    async stop() {
      await endIt()
      if (existsSync(folder)) await rm(folder, { recursive: true })
    },
  }
}

/** Tells whether the file is another now. Not synced: after a crash of the host it is written again. */
async function replace(path: string, text: string): Promise<boolean> {
  if ((await readIfThere(path)) === text) return false
  await writeFile(`${path}.new`, text, { mode: 0o644 })
  await rename(`${path}.new`, path)
  return true
}
