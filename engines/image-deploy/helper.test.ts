import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@synnefo/lib/log'
import type { FileTree } from '@synnefo/lib/system-image'
import { beforeAll, expect, type onTestFinished, test } from 'vitest'
import { imageDeployContract } from './contract.ts'
import { type Helper, type HelperOptions, openHelper } from './helper.ts'
import { DeployFailed, type DeployJob } from './interface.ts'
import { linuxTree, lookInto, makeDisk, makeFolder, PARTITION_OFFSET, serveDisk } from './testing.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
const NOBODY = { uid: 65534, gid: 65534 }

let cacheFolder: string
let options: HelperOptions
let helper: Helper

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-'))
  await chmod(folder, 0o755)
  cacheFolder = join(folder, 'cache')
  options = { cacheFolder, acceleration: 'tcg', log: silentLog, ...(process.getuid?.() === 0 ? { qemuUser: NOBODY } : {}) }
  helper = openHelper(options)
  const umask = process.umask(0o077) // as strict as the process is that uses it; QEMU runs as somebody else
  await helper.prepare()
  process.umask(umask)
  return () => rm(folder, { recursive: true })
})

const plainJob: Omit<DeployJob, 'disk'> = {
  properties: { OSFAMILY: 'linux', USERS: 'root' },
  hostname: 'snf-7',
  password: 'pass word',
  authorizedKeys: [],
  files: [],
  nics: [{ mac: 'AA:00:00:00:00:01', dhcp: true, addresses: [], primary: true }],
}

interface TestDisk {
  path: string
  job: DeployJob
  look: ReturnType<typeof lookInto>
}

async function openDisk(
  finished: typeof onTestFinished,
  {
    tree = linuxTree(),
    table = 'msdos',
    sizeBytes = 64 * MIB,
  }: { tree?: FileTree; table?: 'none' | 'msdos' | 'gpt'; sizeBytes?: number } = {},
): Promise<TestDisk> {
  const path = join(await makeFolder(finished), 'disk')
  await makeDisk(path, tree, table, sizeBytes)
  const disk = await serveDisk(path, finished)
  return { path, job: { ...plainJob, disk }, look: lookInto(path, table === 'none' ? 0 : PARTITION_OFFSET) }
}

imageDeployContract('helper', async (finished) => {
  const { path, job } = await openDisk(finished)
  return { deploy: helper, job, spoil: () => writeFile(path, Buffer.alloc(64 * MIB)) }
})

test('a server gets its password, keys, name, files and network, and all of its disk', async ({ onTestFinished }) => {
  const tree = linuxTree().file('sbin/ifup', '', 0o755).file('etc/motd', 'old').directory('lib/udev/rules.d')
  const { job, look } = await openDisk(onTestFinished, { tree, sizeBytes: 20 * GIB })
  const report = await helper.deploy({
    ...job,
    properties: { ...job.properties, users: 'root alice', root_partition: '1' },
    authorizedKeys: ['ssh-ed25519 AAAA one', 'ssh-ed25519 BBBB two'],
    files: [
      { path: '/etc/motd', contents: Buffer.from('new') },
      { path: "/srv/it's/$HOME", contents: Buffer.from([0, 10, 255]), mode: 0o640, owner: 'alice', group: 'wheel' },
    ],
  })
  expect(report.warnings).toEqual([])
  await look.check()
  expect(await look.sizeBytes()).toBeGreaterThan(19.9 * GIB)
  expect(await look.text('/etc/shadow')).toMatch(/^root:\$6\$[^:]+:\d+:0:99999:7:::\nalice:\$6\$[^:]+:\d+:0:99999:7:::\n$/)
  expect(await look.access('/etc/shadow')).toBe('regular 0640 0:0')
  expect(await look.text('/home/alice/.ssh/authorized_keys')).toBe('ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\n')
  expect(await look.access('/home/alice/.ssh/authorized_keys')).toBe('regular 0600 1000:1001')
  expect(await look.access('/home/alice/.ssh')).toBe('directory 0700 1000:1001')
  expect(await look.access('/root/.ssh/authorized_keys')).toBe('regular 0600 0:0')
  expect(await look.text('/etc/hostname')).toBe('snf-7\n')
  expect(await look.text('/etc/hosts')).toBe('127.0.0.1\tlocalhost\n127.0.1.1\tsnf-7\n::1\tlocalhost\n')
  expect(await look.text('/etc/machine-id')).toBe('')
  expect(await look.list('/etc/ssh')).not.toContain('ssh_host_rsa_key')
  expect(await look.text('/etc/network/interfaces')).toContain('auto eth0\niface eth0 inet dhcp\n')
  expect(await look.text('/etc/udev/rules.d/70-persistent-net.rules')).toContain('ATTR{address}=="aa:00:00:00:00:01"')
  expect(await look.text('/etc/motd')).toBe('new')
  expect(await look.access('/etc/motd')).toBe('regular 0440 0:0')
  expect(await look.list('/etc')).toContainEqual(expect.stringMatching(/^motd\.bak\.\d{8}\.\d{6}$/))
  expect(await look.access('"/srv/it\'s/$HOME"')).toBe('regular 0640 1000:10')
  expect(await look.access('"/srv/it\'s"')).toBe('directory 0750 0:0')
})

test('a GPT disk with systemd-networkd and OpenSSH', async ({ onTestFinished }) => {
  const tree = linuxTree()
    .link('etc/systemd/system/multi-user.target.wants/systemd-networkd.service', '/dev/null')
    .file('usr/bin/ssh-keygen', '', 0o755)
    .file('etc/ssh/sshd_config', 'AuthorizedKeysFile /etc/ssh/keys/%u\n')
  const { path, job, look } = await openDisk(onTestFinished, { tree, table: 'gpt', sizeBytes: GIB })
  await helper.deploy({ ...job, authorizedKeys: ['ssh-ed25519 AAAA one'] })
  await look.check()
  expect(await look.sizeBytes()).toBeGreaterThan(GIB - 3 * MIB)
  const backup = (await readFile(path)).subarray(-512)
  expect(backup.subarray(0, 8).toString()).toBe('EFI PART')
  expect(await look.text('/etc/systemd/network/05-synnefo-0.network')).toContain('MACAddress=aa:00:00:00:00:01')
  expect(await look.text('/etc/systemd/system/synnefo-ssh-host-keys.service')).toContain('ssh-keygen -A')
  expect(await look.list('/etc/systemd/system/multi-user.target.wants')).toContain('synnefo-ssh-host-keys.service')
  expect(await look.text('/etc/ssh/keys/root')).toBe('ssh-ed25519 AAAA one\n')
})

test('an image for cloud-init finds its configuration on its own disk', async ({ onTestFinished }) => {
  const { job, look } = await openDisk(onTestFinished, { tree: linuxTree().file('etc/cloud/cloud.cfg', '{}') })
  await helper.deploy({ ...job, properties: { cloud_init: 'yes', users: 'debian' }, authorizedKeys: ['ssh-ed25519 AAAA one'] })
  expect(await look.sizeBytes()).toBeLessThan(32 * MIB)
  expect(JSON.parse(await look.text('/var/lib/cloud/seed/nocloud-net/meta-data'))).toMatchObject({
    'local-hostname': 'snf-7',
    'public-keys': ['ssh-ed25519 AAAA one'],
  })
  const config = JSON.parse(await look.text('/etc/cloud/cloud.cfg.d/90_synnefo.cfg'))
  expect(config).toEqual({
    datasource_list: ['NoCloud'],
    ssh_pwauth: true,
    chpasswd: { expire: false, list: [expect.stringMatching(/^debian:\$6\$/)] },
  })
  expect(await look.access('/etc/cloud/cloud.cfg.d/90_synnefo.cfg')).toBe('regular 0600 0:0')
  const network = JSON.parse(await look.text('/etc/cloud/cloud.cfg.d/91_synnefo_network.cfg'))
  expect(network.network.config[0]).toMatchObject({ mac_address: 'aa:00:00:00:00:01', subnets: [{ type: 'dhcp' }] })
})

test('a file system on the whole disk is customised as well; what is excluded stays as it is', async ({ onTestFinished }) => {
  const { job, look } = await openDisk(onTestFinished, { table: 'none', sizeBytes: GIB })
  const report = await helper.deploy({ ...job, properties: { EXCLUDE_TASK_ASSIGNHOSTNAME: 'yes' } })
  await look.check()
  expect(await look.sizeBytes()).toBe(GIB)
  expect(await look.text('/etc/hostname')).toBe('template\n')
  expect(report.warnings).toEqual([
    'The network of the image is set up by something other than ifupdown, systemd-networkd or cloud-init; it was left alone.',
  ])
})

test('links of the image lead nowhere outside of it', async ({ onTestFinished }) => {
  const tree = linuxTree()
    .link('etc/hostname', '/srv/name')
    .file('srv/name', 'template')
    .link('outside', '/../../../../../../bin')
    .file('bin/true', 'image')
  const { job, look } = await openDisk(onTestFinished, { tree })
  await helper.deploy({ ...job, files: [{ path: '/outside/busybox', contents: Buffer.from('mine') }] })
  expect(await look.text('/srv/name')).toBe('snf-7\n')
  expect(await look.text('/bin/busybox')).toBe('mine')
})

const garbage: [string, (path: string) => Promise<void>, Record<string, string>, RegExp][] = [
  [
    'random bytes',
    (path) => writeFile(path, Buffer.from(Array.from({ length: 4 * MIB }, (_, n) => (n * 7919) >> 3))),
    {},
    /no partition that holds a Linux file system/,
  ],
  ['zeros', (path) => truncate(path, 0).then(() => truncate(path, 4 * MIB)), {}, /no partition that holds a Linux file system/],
  ['a truncated image', (path) => truncate(path, 2 * MIB), {}, /file system of the image is damaged|no partition that holds/],
  [
    'another partition than there is',
    async () => {},
    { ROOT_PARTITION: '5' },
    /no partition 5, which its property ROOT_PARTITION names. It has: 1/,
  ],
  ['a user that is missing', async () => {}, { USERS: 'root bob' }, /no user bob/],
  ['Windows', async () => {}, { OSFAMILY: 'windows' }, /family windows cannot be customised/],
]
test.each(garbage)('%s fails with words for the owner', async (_, spoil, properties, words) => {
  const finishers: (() => unknown)[] = []
  const finished = ((finish: () => unknown) => finishers.unshift(finish)) as unknown as typeof onTestFinished
  try {
    const path = join(await makeFolder(finished), 'disk')
    await makeDisk(path, linuxTree(), 'msdos')
    await spoil(path)
    const disk = await serveDisk(path, finished)
    await expect(helper.deploy({ ...plainJob, disk, properties })).rejects.toThrow(words)
  } finally {
    for (const finish of finishers) await finish()
  }
})

test('a helper that takes too long is ended and says so', async ({ onTestFinished }) => {
  const { job } = await openDisk(onTestFinished)
  const hasty = openHelper({ ...options, timeoutSeconds: 0.2 })
  const failure = await hasty.deploy(job).catch((error) => error)
  expect(failure).toBeInstanceOf(DeployFailed)
  expect(failure.message).toBe('Customising the image took longer than 0.2 seconds.')
  expect(await machinesUsing(job)).toEqual([])
})

test('a process that is killed leaves no machine behind', async ({ onTestFinished }) => {
  const { job } = await openDisk(onTestFinished)
  const door = JSON.stringify(new URL('./index.ts', import.meta.url).href)
  const { log: _, ...plain } = options
  const program = `
    const { openHelper } = await import(${door})
    const { writeSync } = await import('node:fs')
    const helper = openHelper({ ...${JSON.stringify(plain)}, log: { info() {} } })
    function onTask(task) {
      if (task !== 'FilesystemResizeUnmounted') return
      writeSync(1, 'in the middle')
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
    await helper.deploy(${JSON.stringify(job)}, { onTask })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(String((await once(child.stdout, 'data'))[0])).toBe('in the middle')
  const [machine] = await machinesUsing(job)
  expect(machine).toBeDefined()
  child.kill('SIGKILL')
  await expect.poll(() => machinesUsing(job)).toEqual([])
})

/** Ids of the QEMU processes that use the disk of a job, as the command lines in /proc say. */
async function machinesUsing({ disk }: DeployJob): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  )
  return commands
    .filter(([, command]) => command.startsWith('qemu-system') && command.includes(disk.socketPath))
    .map(([pid]) => pid)
}
