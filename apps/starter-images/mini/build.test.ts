import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { StarterImage } from '../index.ts'
import { buildMini } from './build.ts'

const run = promisify(execFile)
const SBIN = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } }
let folder: string
let image: StarterImage

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'synnefo-mini-'))
  image = await buildMini({ imagePath: join(folder, 'mini.img'), cacheFolder: join(folder, 'cache') })
  return () => rm(folder, { recursive: true })
})

test('the image is small and its file system is sound', async () => {
  expect(image.sizeBytes).toBeLessThan(96 * 1024 * 1024)
  await run('e2fsck', ['-fn', `${image.imagePath}?offset=1048576`], SBIN)
})

test('everything belongs to root and root cannot sign in with a password yet', async () => {
  const look = async (request: string) =>
    (await run('debugfs', ['-R', request, `${image.imagePath}?offset=1048576`], SBIN)).stdout
  expect(await look('stat /bin/busybox')).toMatch(/User:\s+0\s+Group:\s+0/)
  expect(await look('cat /etc/shadow')).toMatch(/^root:\*:/)
  expect(await look('stat /etc/shadow')).toMatch(/Mode:\s+0640/)
})

test('the same packages give the same image', async () => {
  const again = await buildMini({ imagePath: join(folder, 'again.img'), cacheFolder: join(folder, 'cache') })
  const hash = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  expect(await hash(again.imagePath)).toBe(await hash(image.imagePath))
})

test('it boots without KVM to a login prompt and obeys the power button', async () => {
  const qmpPath = join(folder, 'qmp')
  const disk = ['-drive', `file=${image.imagePath},format=raw,if=virtio,snapshot=on`]
  const consoles = ['-display', 'none', '-vga', 'std', '-serial', 'stdio', '-qmp', `unix:${qmpPath},server=on,wait=off`]
  const qemu = spawn('qemu-system-x86_64', ['-accel', 'tcg', '-m', '256', '-nodefaults', ...disk, ...consoles])
  onTestFinished(() => void qemu.kill('SIGKILL'))
  const left = once(qemu, 'exit')
  let screen = ''
  for await (const chunk of qemu.stdout.setEncoding('utf8')) {
    screen += chunk
    if (screen.includes('login:')) break
  }
  expect(screen).toContain('mini login:')
  const qmp = createConnection(qmpPath)
  qmp.resume().write('{"execute":"qmp_capabilities"}\n{"execute":"system_powerdown"}\n')
  expect((await left)[0]).toBe(0)
})
