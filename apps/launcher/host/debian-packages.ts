// Programs that come from the system. On Debian root gets them installed; everybody else is told the command.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { isRoot } from './folders.ts'

interface Need {
  program: string
  debianPackage: string
  /** What does not work without it. */
  for: string
}

const MACHINES: Need[] = [
  {
    program: process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64',
    debianPackage: process.arch === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86',
    for: 'servers',
  },
  { program: 'ip', debianPackage: 'iproute2', for: 'networks' },
  { program: 'nft', debianPackage: 'nftables', for: 'networks' },
  { program: 'dnsmasq', debianPackage: 'dnsmasq-base', for: 'networks' },
  // Without root the data plane reaches the outside through pasta, in a user namespace.
  ...(isRoot ? [] : [{ program: 'pasta', debianPackage: 'passt', for: 'networks' }]),
]

const IMAGE_BUILD: Need[] = [{ program: 'mke2fs', debianPackage: 'e2fsprogs', for: 'building images' }]

export const needs = {
  up: MACHINES,
  image: IMAGE_BUILD,
  test: [
    ...MACHINES,
    ...IMAGE_BUILD,
    { program: 'busybox', debianPackage: 'busybox-static', for: 'tests of networks' },
    { program: 'chromium', debianPackage: 'chromium', for: 'tests in a browser' },
    { program: 'cpio', debianPackage: 'cpio', for: 'tests of images' },
    { program: 'nbdinfo', debianPackage: 'libnbd-bin', for: 'tests of volumes' },
    { program: 'openssl', debianPackage: 'openssl', for: 'tests of directory logins' },
    { program: 'pasta', debianPackage: 'passt', for: 'tests of networks' },
    { program: 'ps', debianPackage: 'procps', for: 'tests of networks' },
    { program: 'qemu-img', debianPackage: 'qemu-utils', for: 'tests of volumes' },
    { program: 'rabbitmq-server', debianPackage: 'rabbitmq-server', for: 'tests of the queue' },
    { program: 'slapd', debianPackage: 'slapd', for: 'tests of directory logins' },
  ],
} satisfies Record<string, Need[]>

/** Installs what is missing when it can; otherwise says on `tell` what does not work and how to mend it, and goes on. */
export function ensurePrograms(wanted: readonly Need[], tell: (line: string) => void): void {
  let missing = wanted.filter(({ program }) => !isInstalled(program))
  if (missing.length === 0) return
  const command = aptGet(missing)
  if (isRoot && isDebian()) {
    tell(`installing ${packagesOf(missing).join(', ')}`)
    const update = spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'] })
    if (update.status === 0)
      spawnSync('apt-get', command, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      })
    missing = missing.filter(({ program }) => !isInstalled(program))
  }
  if (missing.length === 0) return
  const lost = [...new Set(missing.map((need) => need.for))].join(' and ')
  tell(`${missing.map(({ program }) => program).join(', ')} missing: ${lost} will not work until you run`)
  tell(`  ${isRoot ? '' : 'sudo '}apt-get ${aptGet(missing).join(' ')}`)
}

function aptGet(missing: readonly Need[]): string[] {
  return ['install', '-y', '--no-install-recommends', ...packagesOf(missing)]
}

function packagesOf(missing: readonly Need[]): string[] {
  return [...new Set(missing.map(({ debianPackage }) => debianPackage))]
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.some((folder) => isExecutable(`${folder}/${program}`))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isDebian(): boolean {
  return existsSync('/usr/bin/apt-get') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
}
