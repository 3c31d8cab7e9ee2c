// Whether guests run with KVM here. The device may be there, open, and still run no guest, or run it thirty times
// slower than QEMU's own translation does (nested in another virtual machine without its hardware's help, as in many
// clouds). So we boot one each way: a boot sector that ends QEMU with a certain code, a tenth of a second where all
// is well. KVM is used when it does not take many times as long.
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Host, openHost } from './host.ts'
import type { Acceleration } from './machine/arguments.ts'

export const QEMU = 'qemu-system-x86_64'
/** For translation, on a host that is very busy. */
const TRANSLATED_LIMIT_MS = 20_000
/** KVM has this long, or this many times as long as translation took on a host that is busy. */
const SHORTEST_LIMIT_MS = 1_000
const LIMIT_RATIO = 4
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

/** Answers how guests run here, from memory in `home` when nothing has changed since the last probe. */
export async function findAcceleration({
  home,
  host = openHost({ diskFolder: home }),
}: {
  home: string
  host?: Host
}): Promise<Acceleration> {
  const qemu = host.findProgram(QEMU)
  if (qemu === undefined) return 'tcg'
  const kvm = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!kvm) return 'tcg'
  await mkdir(home, { recursive: true, mode: 0o700 })
  const memory = join(home, 'acceleration.json')
  const about = [host.bootId, host.kernel, await versionOf(qemu)].join(' ')
  const known = await readFile(memory, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined)
  if ((known as Finding | undefined)?.about === about) return (known as Finding).acceleration
  const acceleration = (await kvmServes(qemu)) ? 'kvm' : 'tcg'
  const finding: Finding = { about, acceleration }
  await writeFile(`${memory}.new`, JSON.stringify(finding), { mode: 0o600 })
  await rename(`${memory}.new`, memory)
  return acceleration
}

/** Whether a guest that runs with KVM boots about as soon as a translated one. */
export async function kvmServes(qemu: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-probe-'))
  try {
    const disk = join(folder, 'disk')
    await writeBootDisk(disk)
    const translated = async () => (await bootMs(qemu, 'tcg', disk, TRANSLATED_LIMIT_MS)) ?? TRANSLATED_LIMIT_MS
    const bestMs = Math.min(await translated(), await translated()) // the host may have had something else to do
    const limitMs = Math.max(SHORTEST_LIMIT_MS, Math.ceil(LIMIT_RATIO * bestMs))
    return (await bootMs(qemu, 'kvm', disk, limitMs)) !== undefined
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

/** How long a guest takes to boot from the disk; undefined when it does not within the limit. */
export function bootMs(qemu: string, acceleration: Acceleration, disk: string, limitMs: number): Promise<number | undefined> {
  const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc', '-accel', acceleration, '-m', '64']
  args.push('-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04')
  args.push(
    '-blockdev',
    `driver=file,node-name=disk,filename=${disk},read-only=on`,
    '-device',
    'virtio-blk-pci,drive=disk,bootindex=1',
  )
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const guest = execFile(qemu, args, { timeout: limitMs, killSignal: 'SIGKILL' }, () =>
      resolve(guest.exitCode === BOOTED ? performance.now() - startedAt : undefined),
    )
  })
}

async function versionOf(qemu: string): Promise<string> {
  const { stdout } = await promisify(execFile)(qemu, ['--version'])
  return stdout.split('\n', 1)[0]!
}
