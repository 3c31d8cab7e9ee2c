import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHelper } from '@synnefo/engine-image-deploy'
import { silentLog } from '@synnefo/lib/log'
import { expect, onTestFinished, test } from 'vitest'
import { buildMini } from './build.ts'

const GIB = 1024 ** 3

test('a customised mini image takes its password, has its name, and all of its disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-customised-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const cacheFolder = join(folder, 'cache')
  const { imagePath, properties } = await buildMini({ imagePath: join(folder, 'disk'), cacheFolder })
  await truncate(imagePath, 2 * GIB)

  const disk = { socketPath: join(folder, 'socket'), exportName: 'disk' }
  // Ends by itself when the helper has let go of the disk.
  const nbd = spawn('qemu-nbd', ['-f', 'raw', '-k', disk.socketPath, '-x', disk.exportName, imagePath], { stdio: 'inherit' })
  const released = once(nbd, 'exit')
  onTestFinished(() => void nbd.kill('SIGKILL'))
  await expect.poll(() => existsSync(disk.socketPath)).toBe(true)
  const helper = openHelper({ cacheFolder, acceleration: 'tcg', log: silentLog })
  const nics = [{ mac: '52:54:00:00:00:01', dhcp: true, addresses: [], primary: true }]
  await helper.deploy({ disk, properties, hostname: 'snf-42', password: 'pass word', authorizedKeys: [], files: [], nics })
  await released

  const machine = ['-accel', 'tcg', '-m', '256', '-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot']
  const devices = [
    '-drive',
    `file=${imagePath},format=raw,if=virtio`,
    '-nic',
    'user,restrict=on,model=virtio,mac=52:54:00:00:00:01',
  ]
  const qemu = spawn('qemu-system-x86_64', [...machine, ...devices])
  onTestFinished(() => void qemu.kill('SIGKILL'))
  const say = async (wanted: string, answer: string) => {
    let screen = ''
    for await (const chunk of qemu.stdout.iterator({ destroyOnReturn: false })) {
      screen += chunk
      if (screen.includes(wanted)) break
    }
    expect(screen).toContain(wanted)
    qemu.stdin.write(`${answer}\n`)
    return screen
  }
  await say('snf-42 login:', 'root')
  await say('Password:', 'pass word')
  await say(
    'root@snf-42:~#',
    'until ip -4 addr show eth0 | grep -q inet; do usleep 100000; done; df -m / | tail -1; ip -4 addr show eth0; echo en""d',
  )
  const facts = await say('end', 'poweroff')
  expect(Number(/\/dev\/vda1\s+(\d+)/.exec(facts)?.[1])).toBeGreaterThan(1900)
  expect(facts).toContain('inet 10.0.2.15/24')
})
