import { constants } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bootMs, findAcceleration, kvmServes, writeBootDisk } from './acceleration.ts'
import { openHost } from './host.ts'

const host = openHost({ diskFolder: tmpdir() })
const qemu = host.findProgram('qemu-system-x86_64')!
const hasKvm = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
  () => true,
  () => false,
)

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('the probe tells a guest that boots from one that does not', async () => {
  const disk = join(await makeFolder(), 'disk')
  await writeBootDisk(disk)
  expect(await bootMs(qemu, 'tcg', disk, 120_000)).toBeGreaterThan(0)
  await writeBootDisk(disk, [0xf4, 0xeb, 0xfd]) // hlt, for ever
  expect(await bootMs(qemu, 'tcg', disk, 1_000)).toBeUndefined()
})

test.runIf(hasKvm)('how guests run is found out by booting one, and remembered until the host boots again', async () => {
  const home = await makeFolder()
  const found = await findAcceleration({ home, host })
  expect(found).toBe((await kvmServes(qemu)) ? 'kvm' : 'tcg')

  const memory = join(home, 'acceleration.json')
  const opposite = found === 'kvm' ? 'tcg' : 'kvm'
  await writeFile(memory, JSON.stringify({ ...JSON.parse(await readFile(memory, 'utf8')), acceleration: opposite }))
  expect(await findAcceleration({ home, host })).toBe(opposite)
  expect(await findAcceleration({ home, host: { ...host, bootId: 'the next boot' } })).toBe(found)
})
