import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findAcceleration, probeBoots } from './acceleration.ts'
import { openHost } from './host.ts'

const host = openHost({ diskFolder: tmpdir() })
const qemu = host.findProgram('qemu-system-x86_64')!
const hasKvm = await access('/dev/kvm').then(
  () => true,
  () => false,
)

test('the probe boots where guests run', async () => {
  expect(await probeBoots(qemu, 'tcg')).toBe(true)
})

test.runIf(hasKvm)(
  'how guests run is found out by booting one, and remembered until the host boots again',
  async ({ onTestFinished }) => {
    const home = await mkdtemp(join(tmpdir(), 'probe-'))
    onTestFinished(() => rm(home, { recursive: true }))
    const found = await findAcceleration({ home, qemu, host })
    expect(found).toBe((await probeBoots(qemu, 'kvm')) ? 'kvm' : 'tcg')

    const memory = join(home, 'acceleration.json')
    const opposite = found === 'kvm' ? 'tcg' : 'kvm'
    await writeFile(memory, JSON.stringify({ ...JSON.parse(await readFile(memory, 'utf8')), acceleration: opposite }))
    expect(await findAcceleration({ home, qemu, host })).toBe(opposite)
    expect(await findAcceleration({ home, qemu, host: { ...host, bootId: 'the next boot' } })).toBe(found)
  },
)
