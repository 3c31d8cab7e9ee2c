import { DeployFailed } from '../interface.ts'
import type { Task } from './task.ts'

export const assignHostname: Task = {
  name: 'AssignHostname',
  mounted: true,
  async run({ job: { hostname }, root }) {
    if (!/^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/i.test(hostname))
      throw new DeployFailed(`This cannot be a host name: ${hostname}`)
    const found = await root.existing('/etc/hostname', '/etc/HOSTNAME', '/etc/sysconfig/network')
    if (!found.has('/etc/hostname') && found.has('/etc/sysconfig/network')) {
      const settings = (await root.read('/etc/sysconfig/network'))?.toString('latin1') ?? ''
      await root.write('/etc/sysconfig/network', latin1(withHostnameSetting(settings, hostname)))
    } else {
      const old = !found.has('/etc/hostname') && found.has('/etc/HOSTNAME')
      await root.write(old ? '/etc/HOSTNAME' : '/etc/hostname', `${hostname}\n`)
    }
    const hosts = (await root.read('/etc/hosts'))?.toString('latin1') ?? '127.0.0.1\tlocalhost\n'
    await root.write('/etc/hosts', latin1(withOwnName(hosts, hostname)))
  },
}

const withHostnameSetting = (settings: string, hostname: string) =>
  `${settings.replace(/^HOSTNAME=.*\n?/gm, '').replace(/\n*$/, '\n')}HOSTNAME=${hostname}\n`.replace(/^\n/, '')

/** /etc/hosts, where 127.0.1.1 is the name of the machine itself. */
export function withOwnName(hosts: string, hostname: string): string {
  const short = hostname.split('.')[0]
  const own = `127.0.1.1\t${short === hostname ? hostname : `${hostname} ${short}`}`
  const lines = hosts.replace(/\n*$/, '').split('\n')
  const at = lines.findIndex((line) => /^127\.0\.1\.1\s/.test(line))
  if (at >= 0) return `${lines.with(at, own).join('\n')}\n`
  const afterLocalhost = lines.findIndex((line) => /^127\.0\.0\.1\s/.test(line)) + 1
  return `${lines.toSpliced(afterLocalhost, 0, own).join('\n')}\n`
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** The system makes a new one at its first start; two servers with the same one get the same address from some DHCP servers. */
export const changeMachineId: Task = {
  name: 'ChangeMachineId',
  mounted: true,
  async run({ root }) {
    if ((await root.read('/etc/machine-id')) !== undefined) await root.write('/etc/machine-id', '')
    if ((await root.read('/var/lib/dbus/machine-id')) !== undefined) {
      await root.remove('/var/lib/dbus/machine-id')
      await root.link('/var/lib/dbus/machine-id', '/etc/machine-id')
    }
  },
}

const KEYGEN_UNIT = `[Unit]
Description=Make the SSH host keys of this server
Before=ssh.service sshd.service ssh.socket sshd.socket
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
`
const UNIT_FOLDER = '/etc/systemd/system'
const UNIT = 'synnefo-ssh-host-keys.service'

/** Every server has host keys of its own. Dropbear makes them when it needs them, OpenSSH has to be told. */
export const deleteSshKeys: Task = {
  name: 'DeleteSSHKeys',
  mounted: true,
  async run({ root, warn }) {
    await root.remove('/etc/ssh/ssh_host_*', '/etc/dropbear/dropbear_*_host_key')
    const found = await root.existing('/usr/bin/ssh-keygen', '/etc/ssh/sshd_config', UNIT_FOLDER)
    if (!found.has('/usr/bin/ssh-keygen') || !found.has('/etc/ssh/sshd_config')) return
    if (!found.has(UNIT_FOLDER))
      return warn('The SSH server of the image has no host keys now, and nothing in the image makes new ones.')
    await root.write(`${UNIT_FOLDER}/${UNIT}`, KEYGEN_UNIT)
    await root.link(`${UNIT_FOLDER}/multi-user.target.wants/${UNIT}`, `../${UNIT}`)
  },
}

export const selinuxAutorelabel: Task = {
  name: 'SELinuxAutorelabel',
  mounted: true,
  async run({ root }) {
    const config = (await root.read('/etc/selinux/config'))?.toString('latin1') ?? ''
    if (/^SELINUX=(enforcing|permissive)/m.test(config)) await root.write('/.autorelabel', '')
  },
}
