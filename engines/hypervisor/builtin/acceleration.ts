// Whether guests run with KVM here. The device may be there, open, and still not run a guest (nested without the
// right rights, as in many clouds), so we boot one: a boot sector that ends QEMU with a certain code. It takes a
// tenth of a second where KVM works; where it hangs, the limit below, once per boot of the host.
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Host } from './host.ts'
import type { Acceleration } from './machine/arguments.ts'

const PROBE_LIMIT_MS = 3_000
/** The firmware reads no disk that is smaller than a cylinder. */
const PROBE_DISK_BYTES = 8 * 1024 * 1024

/** mov al, 0x2a; out 0xf4, al; hlt; jmp $-1 */
const BOOT_CODE = [0xb0, 0x2a, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd]
/** What QEMU's debug exit device makes of 0x2a. */
const BOOTED = (0x2a << 1) | 1

interface Finding {
  /** What the finding is valid for: this boot of the host, its kernel, and this QEMU. */
  about: string
  acceleration: Acceleration
}

/** Answers how guests run here, from memory when nothing has changed since the last probe. */
export async function findAcceleration({ home, qemu, host }: { home: string; qemu: string; host: Host }): Promise<Acceleration> {
  const kvm = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!kvm) return 'tcg'
  const memory = join(home, 'acceleration.json')
  const about = [host.bootId, host.kernel, await versionOf(qemu)].join(' ')
  const known = await readFile(memory, 'utf8').then(JSON.parse, () => undefined)
  if ((known as Finding | undefined)?.about === about) return (known as Finding).acceleration
  const acceleration = (await probeBoots(qemu, 'kvm')) ? 'kvm' : 'tcg'
  const finding: Finding = { about, acceleration }
  await writeFile(`${memory}.new`, JSON.stringify(finding), { mode: 0o600 })
  await rename(`${memory}.new`, memory)
  return acceleration
}

/** Whether a guest boots within the limit. */
export async function probeBoots(qemu: string, acceleration: Acceleration): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-probe-'))
  try {
    const disk = join(folder, 'disk')
    await writeBootDisk(disk)
    return await boots(qemu, acceleration, disk)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A disk whose boot sector runs this code. */
export async function writeBootDisk(path: string, code: readonly number[] = BOOT_CODE): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.write(Buffer.from(code), 0, code.length, 0)
    await file.write(Buffer.from([0x55, 0xaa]), 0, 2, 510)
    await file.truncate(PROBE_DISK_BYTES)
  } finally {
    await file.close()
  }
}

function boots(qemu: string, acceleration: Acceleration, disk: string): Promise<boolean> {
  const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc', '-accel', acceleration, '-m', '64']
  args.push('-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04')
  args.push(
    '-blockdev',
    `driver=file,node-name=disk,filename=${disk},read-only=on`,
    '-device',
    'virtio-blk-pci,drive=disk,bootindex=1',
  )
  return new Promise((resolve) => {
    const qemuProcess = execFile(qemu, args, { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' }, () =>
      resolve(qemuProcess.exitCode === BOOTED),
    )
  })
}

async function versionOf(qemu: string): Promise<string> {
  const { stdout } = await promisify(execFile)(qemu, ['--version'])
  return stdout.split('\n', 1)[0]!
}
