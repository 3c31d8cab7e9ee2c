import { expect, test } from 'vitest'
import { findAccount, withPassword } from '../accounts.ts'
import { Properties } from '../properties.ts'
import { authorizedKeysPath } from './access.ts'
import { withOwnName } from './identity.ts'
import { tasksFor } from './index.ts'
import { otherFileSystems } from './mount.ts'
import { cloudInitNetwork } from './network/cloud-init.ts'
import { interfacesFile } from './network/ifupdown.ts'
import { networkFiles } from './network/networkd.ts'

const names = (properties: Record<string, string>) => tasksFor(new Properties(properties)).map(({ name }) => name)

test('properties exclude tasks by name, by kind and altogether', () => {
  expect(names({ exclude_task_changepassword: 'yes' })).not.toContain('ChangePassword')
  expect(names({ EXCLUDE_TASK_ChangePassword: 'no' })).toContain('ChangePassword')
  expect(names({ EXCLUDE_FILESYSTEMRESIZE_TASKS: '1' })).not.toContain('FilesystemResizeUnmounted')
  expect(names({ EXCLUDE_MOUNTED_TASKS: 'true' })).toEqual(['FixPartitionTable', 'FilesystemResizeUnmounted'])
  expect(names({ exclude_all_tasks: 'yes' })).toEqual([])
})

test('cloud-init is left what it does itself', () => {
  const tasks = names({ CLOUD_INIT: 'yes' })
  expect(tasks).toContain('InitializeDatasource')
  expect(tasks).not.toContain('FixPartitionTable')
  expect(names({})).not.toContain('InitializeDatasource')
})

test('a property that is neither yes nor no counts as yes, with a warning', () => {
  const properties = new Properties({ cloud_init: 'perhaps' })
  expect(properties.flag('CLOUD_INIT')).toBe(true)
  expect(properties.warnings).toEqual(['The image property CLOUD_INIT is neither yes nor no; it counts as yes.'])
})

test('a password replaces the old one and its age', () => {
  const shadow = 'root:*:1:0:99999:7:::\nrooty:x:1::::::\n'
  expect(withPassword(shadow, 'root', '$6$a$b', new Date('2026-01-01'))).toBe('root:$6$a$b:20454:0:99999:7:::\nrooty:x:1::::::\n')
  expect(withPassword(shadow, 'roo', '$6$a$b', new Date())).toBeUndefined()
})

test('the name of the machine stands beside 127.0.1.1, once', () => {
  expect(withOwnName('127.0.0.1 localhost\n127.0.1.1 old\n::1 ip6\n', 'new')).toBe(
    '127.0.0.1 localhost\n127.0.1.1\tnew\n::1 ip6\n',
  )
  expect(withOwnName('127.0.0.1 localhost\n::1 ip6', 'a.example.org')).toBe(
    '127.0.0.1 localhost\n127.0.1.1\ta.example.org a\n::1 ip6\n',
  )
})

test('keys go where sshd looks for them', () => {
  const alice = findAccount('alice:x:5:6::/home/alice:/bin/sh', 'alice')!
  expect(alice).toEqual({ name: 'alice', uid: 5, gid: 6, home: '/home/alice' })
  expect(authorizedKeysPath('', alice)).toBe('/home/alice/.ssh/authorized_keys')
  expect(authorizedKeysPath('#AuthorizedKeysFile x\nAuthorizedKeysFile /etc/keys/%u other', alice)).toBe('/etc/keys/alice')
  expect(authorizedKeysPath('AuthorizedKeysFile .ssh/keys', alice)).toBe('/home/alice/.ssh/keys')
})

test('only file systems that hold what is changed are mounted besides the root', () => {
  const fstab =
    '# /dev/sda9 /home ext4\nUUID=1 / ext4 d 0 1\n/dev/sda3 /home ext4 d\nLABEL=v /var ext3 d\n/dev/sda2 none swap sw\nUUID=2 /srv ext4 d\n'
  expect(otherFileSystems(fstab)).toEqual([
    { device: '/dev/vda3', folder: '/home' },
    { device: 'LABEL=v', folder: '/var' },
  ])
})

const dhcp = { mac: 'AA:00:00:00:00:01', dhcp: true, addresses: [], primary: true }
const fixed = {
  mac: 'aa:00:00:00:00:02',
  dhcp: false,
  addresses: ['10.1.0.5/24', 'fd00::5/64'],
  gateways: ['10.1.0.1'],
  primary: false,
}

test('cloud-init: a gateway stands with the addresses of its kind', () => {
  const [, second] = cloudInitNetwork([dhcp, fixed]).config
  expect(second).toEqual({
    type: 'physical',
    name: 'eth1',
    mac_address: 'aa:00:00:00:00:02',
    subnets: [
      { type: 'static', address: '10.1.0.5/24', gateway: '10.1.0.1' },
      { type: 'static6', address: 'fd00::5/64' },
    ],
  })
})

test('ifupdown: every interface is named, by DHCP or with its addresses', () => {
  expect(interfacesFile([dhcp, fixed]).split('\n\n')).toEqual([
    'auto lo\niface lo inet loopback',
    'auto eth0\niface eth0 inet dhcp',
    'auto eth1\niface eth1 inet static\n\taddress 10.1.0.5/24\n\tgateway 10.1.0.1\niface eth1 inet6 static\n\taddress fd00::5/64\n',
  ])
})

test('systemd-networkd: interfaces are known by their MAC', () => {
  const [first, second] = networkFiles([dhcp, fixed])
  expect(first).toEqual({
    name: '05-synnefo-0.network',
    text: expect.stringContaining('MACAddress=aa:00:00:00:00:01\n\n[Network]\nDHCP=yes\n'),
  })
  expect(second?.text).toContain('Address=10.1.0.5/24\nAddress=fd00::5/64\nGateway=10.1.0.1\n')
})
