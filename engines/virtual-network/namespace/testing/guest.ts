// A stand-in for a guest: a network namespace whose only device is wired to a port's tap by QEMU, which opens the
// tap just as it does for a real machine. Saves booting one.

import { spawn } from 'node:child_process'
import { until } from '@synnefo/lib/testing'
import type { onTestFinished } from 'vitest'
import type { VirtualNetwork } from '../../interface.ts'
import { run } from '../programs.ts'
import { insideOf, type Stage } from './stage.ts'

export interface Guest {
  /** Command prefix: in the guest. */
  prefix: readonly string[]
  /** What a command in the guest printed; fails with what it complained about. */
  run(...command: string[]): Promise<string>
  /** Whether one of three pings is answered. */
  pings(address: string, ...options: string[]): Promise<boolean>
  /** Asks for an address as a guest at boot does; answers what DHCP told. */
  dhcp(): Promise<Record<string, string>>
  /** Sets the address and route by hand. */
  configure(address: string, gateway?: string): Promise<void>
  setMac(mac: string): Promise<void>
}

/** Takes what it is told as a guest would, and prints it. */
const DHCP_SCRIPT = `
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
busybox ip address flush dev eth0
busybox ip address add "$ip/$mask" dev eth0
[ -z "$router" ] || busybox ip route replace default via "\${router%% *}" dev eth0
for field in ip mask router dns hostname mtu staticroutes lease serverid; do
  eval "value=\\$$field"
  [ -z "$value" ] || echo "told $field=$value"
done
`

export async function plugGuest(
  finished: typeof onTestFinished,
  stage: Stage,
  network: VirtualNetwork,
  port: { device: string; mac: string },
): Promise<Guest> {
  const inside = insideOf(stage, network)
  const wire = `wire-${port.mac.slice(-2)}`
  await run([...inside, 'ip', 'tuntap', 'add', 'dev', wire, 'mode', 'tap', 'user', stage.ownerInside])
  await run([...inside, 'ip', 'link', 'set', 'dev', wire, 'up'])

  const tap = (id: string, device: string) => ['-netdev', `tap,id=${id},ifname=${device},script=no,downscript=no`]
  const hub = (id: string) => ['-netdev', `hubport,id=hub-${id},hubid=0,netdev=${id}`]
  const qemu = ['qemu-system-x86_64', '-machine', 'none', '-display', 'none', '-nodefaults', '-monitor', 'none']
  start(finished, [
    ...inside,
    ...stage.asDeviceOwner,
    ...qemu,
    ...tap('port', port.device),
    ...tap('wire', wire),
    ...hub('port'),
    ...hub('wire'),
  ])
  await until(async () => (await run([...inside, 'ip', 'link', 'show', 'dev', wire])).includes('LOWER_UP'))

  const holder = start(finished, [...inside, 'unshare', '--net', 'sh', '-c', 'echo $$; exec sleep infinity'])
  const pid = await new Promise<string>((resolve) => void holder.stdout?.once('data', (data) => resolve(String(data).trim())))
  await run([...inside, 'ip', 'link', 'set', 'dev', wire, 'netns', pid, 'name', 'eth0', 'address', port.mac])
  const within = stage.enterProcess(pid)
  const inGuest = (...command: string[]) => run([...within, ...command])
  await inGuest('ip', 'link', 'set', 'dev', 'lo', 'up')
  await inGuest('ip', 'link', 'set', 'dev', 'eth0', 'up')

  return {
    prefix: within,
    run: inGuest,
    pings: (address, ...options) =>
      inGuest('busybox', 'ping', '-c', '3', '-i', '0.2', '-W', '1', ...options, address).then(
        () => true,
        () => false,
      ),
    async dhcp() {
      const script = `printf '%s' '${DHCP_SCRIPT.replaceAll("'", `'\\''`)}' > "$0"; sed -i '1i #!/bin/sh' "$0"; chmod 755 "$0"`
      const place = `${stage.folder}/dhcp-${port.mac.slice(-2)}`
      await inGuest('sh', '-c', script, place)
      const options = ['mtu', 'staticroutes', 'hostname'].flatMap((option) => ['-O', option])
      const told = await inGuest(
        'busybox',
        'udhcpc',
        '-i',
        'eth0',
        '-f',
        '-q',
        '-n',
        '-t',
        '60',
        '-T',
        '1',
        '-s',
        place,
        ...options,
      )
      return Object.fromEntries([...told.matchAll(/^told (\w+)=(.*)$/gm)].map(([, field, value]) => [field, value]))
    },
    async configure(address, gateway) {
      await inGuest('ip', 'address', 'flush', 'dev', 'eth0')
      await inGuest('ip', 'address', 'add', address, 'dev', 'eth0')
      if (gateway) await inGuest('ip', 'route', 'replace', 'default', 'via', gateway)
    },
    async setMac(mac) {
      await inGuest('ip', 'link', 'set', 'dev', 'eth0', 'address', mac)
    },
  }
}

function start(finished: typeof onTestFinished, command: readonly string[]) {
  const [program = '', ...rest] = command
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  finished(() => void child.kill('SIGKILL'))
  return child
}
