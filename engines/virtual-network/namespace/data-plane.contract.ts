// What guests, the host and the outside see of each other: the same as root and without.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PATIENCE_MS, until } from '@synnefo/lib/testing'
import { describe, expect, type onTestFinished, test } from 'vitest'
import { portOn, privateNetwork, publicNetwork } from '../contract-fixtures.ts'
import type { NetworkSpec, PortSpec, VirtualNetwork } from '../interface.ts'
import { run } from './programs.ts'
import { type Guest, plugGuest } from './testing/guest.ts'
import { HOST_ADDRESS, INTERNET_ADDRESS, INTERNET_NAME, insideOf, openStage, type Stage } from './testing/stage.ts'
import { works } from './testing/works.ts'

interface Scene {
  finished: typeof onTestFinished
  stage: Stage
  network: VirtualNetwork
}

export async function openScene(finished: typeof onTestFinished, rootless: boolean): Promise<Scene & { kill(): Promise<void> }> {
  const stage = await openStage(finished, { rootless })
  const cloud = await stage.openProcess()
  await cloud.network.ensureNetwork(publicNetwork)
  return { finished, stage, network: cloud.network, kill: cloud.kill }
}

export async function addGuest(
  { finished, stage, network }: Scene,
  of: NetworkSpec,
  number: number,
  more: Partial<PortSpec> = {},
): Promise<Guest> {
  const port = portOn(of, number, more)
  const { device } = await network.ensurePort(port)
  return plugGuest(finished, stage, network, { device, mac: port.mac })
}

export function dataPlaneContract(name: string, { rootless }: { rootless: boolean }): void {
  describe(`data plane: ${name}`, () => {
    test('a guest is told its address, name, gateway and name server, and reaches the outside', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const guest = await addGuest(scene, publicNetwork, 2)
      expect(await guest.dhcp()).toMatchObject({ ip: '10.77.0.2', router: '10.77.0.1', dns: '10.77.0.1', hostname: 'guest-2' })
      await works(() => guest.pings('10.77.0.1'))
      await works(() => guest.pings(INTERNET_ADDRESS))
      expect(await resolve(scene, guest, '10.77.0.1')).toBe(INTERNET_ADDRESS)
    })

    test('guests resolve names where the host asks a name server on its loopback', async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { rootless })
      await run([...stage.asRoot, 'sh', '-c', 'echo nameserver 127.0.0.1 > /etc/resolv.conf'])
      const server = [
        'dnsmasq',
        '--conf-file=/dev/null',
        '--no-hosts',
        '--no-resolv',
        '--bind-interfaces',
        '--listen-address=127.0.0.1',
      ]
      await run([...stage.asRoot, ...server, `--address=/${INTERNET_NAME}/${INTERNET_ADDRESS}`, '--pid-file=/run/loopback.pid'])
      const { network } = await stage.openProcess()
      await network.ensureNetwork(publicNetwork)
      const scene = { finished: onTestFinished, stage, network }
      const guest = await addGuest(scene, publicNetwork, 2)
      await guest.dhcp()
      expect(await resolve(scene, guest, '10.77.0.1')).toBe(INTERNET_ADDRESS)
    })

    test('guests of one network reach each other, those of different networks do not', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      await scene.network.ensureNetwork(privateNetwork)
      const one = await addGuest(scene, publicNetwork, 2)
      const two = await addGuest(scene, publicNetwork, 3)
      const apart = await addGuest(scene, privateNetwork, 4)
      for (const guest of [one, two, apart]) await guest.dhcp()
      await works(() => one.pings('10.77.0.3'))
      expect(await one.pings('192.168.0.4')).toBe(false)
      expect(await apart.pings('10.77.0.2')).toBe(false)
      expect(await apart.pings(INTERNET_ADDRESS)).toBe(false)
    })

    test('private networks may use the same addresses', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const other = { ...privateNetwork, name: 'snf-net-3' }
      await scene.network.ensureNetwork(privateNetwork)
      await scene.network.ensureNetwork(other)
      const one = await addGuest(scene, privateNetwork, 5)
      const two = await addGuest(scene, privateNetwork, 6)
      const twin = await addGuest(scene, other, 7, { addresses: ['192.168.0.6'], hostname: 'twin' })
      expect(await one.dhcp()).toMatchObject({ ip: '192.168.0.5', hostname: 'guest-5' })
      expect(await two.dhcp()).toMatchObject({ ip: '192.168.0.6', hostname: 'guest-6' })
      expect(await twin.dhcp()).toMatchObject({ ip: '192.168.0.6', hostname: 'twin' })
      await works(() => one.pings('192.168.0.6'))
      await two.run('ip', 'link', 'set', 'dev', 'eth0', 'down')
      await one.run('ip', 'neighbour', 'flush', 'dev', 'eth0')
      expect(await one.pings('192.168.0.6')).toBe(false)
    })

    test('a guest that is the router of its private network still gets its address by DHCP', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      await scene.network.ensureNetwork(privateNetwork)
      const router = await addGuest(scene, privateNetwork, 1)
      const guest = await addGuest(scene, privateNetwork, 2)
      expect(await router.dhcp()).toMatchObject({ ip: '192.168.0.1' })
      expect(await guest.dhcp()).toMatchObject({ ip: '192.168.0.2' })
      await works(() => guest.pings('192.168.0.1'))
    })

    test('nothing comes from a MAC or IP address that is not the port’s', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const guest = await addGuest(scene, publicNetwork, 2)
      const victim = await addGuest(scene, publicNetwork, 3)
      await victim.dhcp()

      await guest.configure('10.77.0.9/24', '10.77.0.1')
      expect(await guest.pings('10.77.0.1')).toBe(false)
      expect(await guest.pings('10.77.0.3')).toBe(false)
      await guest.configure('10.77.0.2/24', '10.77.0.1')
      await works(() => guest.pings('10.77.0.1'))
      await works(() => guest.pings('10.77.0.3'))

      await guest.run('ip', 'address', 'add', '10.77.0.8/32', 'dev', 'eth0')
      expect(await guest.pings('10.77.0.3', '-I', '10.77.0.8')).toBe(false)

      await guest.setMac('aa:00:00:00:00:99')
      await guest.run('ip', 'neighbour', 'flush', 'dev', 'eth0')
      expect(await guest.pings('10.77.0.1')).toBe(false)
      expect(await guest.pings('10.77.0.3')).toBe(false)
      await guest.setMac('aa:00:00:00:00:02')
      await works(() => guest.pings('10.77.0.3'))
    })

    test('a guest cannot claim the address of another by ARP', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const thief = await addGuest(scene, publicNetwork, 2)
      const victim = await addGuest(scene, publicNetwork, 3)
      await victim.dhcp()
      await thief.configure('10.77.0.1/24')
      await thief
        .run('busybox', 'arping', '-U', '-c', '3', '-w', '3', '-I', 'eth0', '-s', '10.77.0.1', '10.77.0.1')
        .catch(() => undefined)
      await thief
        .run('busybox', 'arping', '-A', '-c', '3', '-w', '3', '-I', 'eth0', '-s', '10.77.0.1', '10.77.0.1')
        .catch(() => undefined)
      await works(() => victim.pings('10.77.0.1'))
      expect(await victim.run('ip', 'neighbour')).not.toContain('aa:00:00:00:00:02')
    })

    test('a guest does not answer the DHCP requests of others', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const impostor = await addGuest(scene, publicNetwork, 2)
      const victim = await addGuest(scene, publicNetwork, 3)
      for (const guest of [impostor, victim]) await guest.dhcp()
      expect(
        await receives(scene, { from: impostor, fromPort: 6700, to: victim, address: '10.77.0.3', toPort: 68 }, PATIENCE_MS),
      ).toBe(true)
      expect(await receives(scene, { from: impostor, fromPort: 67, to: victim, address: '10.77.0.3', toPort: 68 })).toBe(false)
    })

    test('a port without rules has no traffic', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const guest = await addGuest(scene, publicNetwork, 2)
      await guest.dhcp()
      const inside = insideOf(scene.stage, scene.network)
      const element = '{ "snf-nic-2" . aa:00:00:00:00:02 }'
      await run([...inside, 'nft', 'delete', 'element', 'bridge', 'synnefo', 'ports', element])
      expect(await guest.pings('10.77.0.1')).toBe(false)
      await scene.network.ensurePort(portOn(publicNetwork, 2))
      await works(() => guest.pings('10.77.0.1'))
    })

    test('a guest reaches no service of the host but DHCP and DNS', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const { stage } = scene
      const guest = await addGuest(scene, publicNetwork, 2)
      await guest.dhcp()
      const inside = insideOf(stage, scene.network)
      for (const place of [stage.asRoot, stage.onInternet, inside]) await listen(scene, place, 8000)
      const gatewayOfHost = (await run([...inside, 'ip', '-4', 'route', 'show', 'default'])).split(' ')[2] ?? ''
      await works(() => connects(scene, guest, INTERNET_ADDRESS, 8000))
      for (const address of [HOST_ADDRESS, gatewayOfHost, '10.77.0.1', '127.0.0.1']) {
        expect(await connects(scene, guest, address, 8000), address).toBe(false)
      }
    })

    test('a firewall profile lets in what it says', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const client = await addGuest(scene, publicNetwork, 2)
      await client.dhcp()
      const server = await addGuest(scene, publicNetwork, 3)
      await server.dhcp()
      for (const port of [22, 8000]) await listen(scene, server.prefix, port)
      for (const [firewall, open] of [
        ['DISABLED', [22, 8000]],
        ['PROTECTED', [22]],
        ['ENABLED', []],
      ] as [PortSpec['firewall'], number[]][]) {
        await scene.network.ensurePort(portOn(publicNetwork, 3, { firewall }))
        for (const port of [22, 8000]) {
          const reaches = () => connects(scene, client, '10.77.0.3', port)
          if (open.includes(port)) await works(reaches)
          else expect(await reaches(), `${firewall}: ${port}`).toBe(false)
        }
        await works(() => client.pings('10.77.0.3'))
        await works(() => server.pings('10.77.0.1'))
      }
      expect(await server.dhcp()).toMatchObject({ ip: '10.77.0.3' })
      expect(await resolve(scene, server, '10.77.0.1')).toBe(INTERNET_ADDRESS)
    })

    test('guests go on when our process is killed, and it finds everything again', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const guest = await addGuest(scene, publicNetwork, 2)
      await guest.dhcp()
      await scene.kill()
      await works(() => guest.pings(INTERNET_ADDRESS))
      expect(await guest.dhcp()).toMatchObject({ ip: '10.77.0.2' })
      const again = { ...scene, network: (await scene.stage.openProcess()).network }
      expect(await again.network.list()).toEqual({ networks: ['snf-net-1'], ports: ['snf-nic-2'] })
      const other = await addGuest(again, publicNetwork, 3)
      await other.dhcp()
      await works(() => guest.pings('10.77.0.3'))
    })

    test('the DHCP server is the same while ports come and go', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const guest = await addGuest(scene, publicNetwork, 2)
      const server = () => pidsOf(scene.stage, 'dhcp/snf-net-1/dnsmasq.conf')
      const before = await server()
      for (const number of [3, 4, 5]) {
        expect(await guest.dhcp()).toMatchObject({ hostname: 'guest-2' })
        await scene.network.ensurePort(portOn(publicNetwork, number, { hostname: 'guest-2' }))
      }
      await scene.network.removePort('snf-nic-4')
      expect(await guest.dhcp()).toMatchObject({ hostname: 'guest-2' })
      expect(await server()).toEqual(before)
    })

    test('a DHCP server that was killed is started again', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      const guest = await addGuest(scene, publicNetwork, 2)
      const killed = (await pidsOf(scene.stage, 'dhcp/snf-net-1/dnsmasq.conf'))[0]
      await run([...scene.stage.asRoot, 'kill', '-9', String(killed)])
      await until(async () => {
        const pids = await pidsOf(scene.stage, 'dhcp/snf-net-1/dnsmasq.conf')
        return pids.length > 0 && !pids.includes(String(killed))
      })
      expect(await guest.dhcp()).toMatchObject({ ip: '10.77.0.2' })
    })

    test('everything is made again when the namespace is gone, as after a restart of the host', async ({ onTestFinished }) => {
      const scene = await openScene(onTestFinished, rootless)
      await addGuest(scene, publicNetwork, 2)
      await scene.kill()
      await forgetAsReboot(scene.stage)
      const again = { ...scene, network: (await scene.stage.openProcess()).network }
      const devices = await run([...scene.stage.asUser, ...again.network.enter(), 'ip', '-brief', 'link'])
      expect(devices).toContain('snf-nic-2')
      const guest = await addGuest(again, publicNetwork, 2)
      expect(await guest.dhcp()).toMatchObject({ ip: '10.77.0.2' })
      await works(() => guest.pings(INTERNET_ADDRESS))
    })

    test('nothing is left on the host when it was destroyed', async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { rootless })
      const before = await seen(stage)
      const { network } = await stage.openProcess()
      await network.ensureNetwork(publicNetwork)
      await network.ensureNetwork(privateNetwork)
      await network.ensurePort(portOn(publicNetwork, 2))
      await network.ensurePort(portOn(privateNetwork, 3))
      expect(await seen(stage)).not.toEqual(before)
      await network.destroy()
      await expect.poll(() => seen(stage)).toEqual(before) // programs that were ended are there for a moment
    })
  })
}

/** All that this engine could leave behind. */
async function seen(stage: Stage): Promise<Record<string, string>> {
  const look = (command: string) => run([...stage.asRoot, 'sh', '-c', command])
  return {
    devices: await look("ip -brief link | awk '{ print $1 }'"),
    routes: await look('ip route'),
    namespaces: await look('ls /run/netns'),
    tables: await look('nft list tables'),
    programs: await look("ps -eo stat=,comm= | awk '$1 !~ /Z/ && $2 ~ /dnsmasq|pasta|passt|unshare|sleep/ { print $2 }'"),
    run: await look('ls /run'),
    files: await look(`find ${stage.folder}/network -type f 2>/dev/null || true`),
    forwarding: await look('cat /proc/sys/net/ipv4/conf/eth0/forwarding'),
  }
}

export async function pidsOf(stage: Stage, commandPart: string): Promise<string[]> {
  const notThisOne = `[${commandPart[0]}]${commandPart.slice(1)}`
  return (await run([...stage.asRoot, 'sh', '-c', `pgrep -f '${notThisOne}' || true`])).split('\n').filter(Boolean)
}

/** Ends all that lives in the data plane, so that the kernel takes it away. */
async function forgetAsReboot(stage: Stage): Promise<void> {
  const script = `
    for device in $(ip -o link | grep -o 'snf-[0-9a-f]*@' | tr -d @); do ip link del $device; done
    for name in $(ls /run/netns | grep synnefo || true); do ip netns pids $name | xargs -r kill -9; ip netns del $name; done
    own=$(readlink /proc/self/ns/net); internet=net:[$(stat -c %i /run/netns/internet)]
    for process in /proc/[0-9]*; do
      there=$(readlink $process/ns/net) || continue
      [ "$there" = "$own" ] || [ "$there" = "$internet" ] || kill -9 \${process#/proc/} || true
    done
    rm -rf /run/synnefo-*
`
  await run([...stage.asRoot, 'sh', '-c', script])
}

/** Starts a TCP server there. */
async function listen({ finished, stage }: Scene, prefix: readonly string[], port: number): Promise<void> {
  const [program = '', ...rest] = prefix
  const script = `net.createServer((socket) => socket.end('served')).listen(${port}, '0.0.0.0', () => console.log('ready'))`
  const server = spawn(program, [...rest, stage.node, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  finished(() => void server.kill('SIGKILL'))
  await once(server.stdout, 'data')
}

/** Whether a TCP server answers the guest. */
async function connects({ stage }: Scene, guest: Guest, address: string, port: number): Promise<boolean> {
  const script = `
    const socket = net.connect(${port}, '${address}')
    socket.setTimeout(1500, () => process.exit(1))
    socket.on('error', () => process.exit(1))
    socket.on('data', (data) => process.exit(String(data) === 'served' ? 0 : 1))`
  return guest.run(stage.node, '-e', script).then(
    () => true,
    () => false,
  )
}

/** What a name server tells the guest about the server outside. */
async function resolve({ stage }: Scene, guest: Guest, nameserver: string): Promise<string> {
  const script = `
    const resolver = new dns.promises.Resolver({ timeout: 5000, tries: 10 })
    resolver.setServers(['${nameserver}'])
    resolver.resolve4('${INTERNET_NAME}').then(([address]) => console.log(address))`
  return (await guest.run(stage.node, '-e', script)).trim()
}

interface Datagram {
  from: Guest
  fromPort: number
  to: Guest
  address: string
  toPort: number
}

/** Whether one of several UDP datagrams arrives. */
async function receives(
  { finished, stage }: Scene,
  { from, fromPort, to, address, toPort }: Datagram,
  patienceMs = 1000,
): Promise<boolean> {
  const [program = '', ...rest] = to.prefix
  const script = `
    const socket = dgram.createSocket('udp4').on('message', () => process.exit(0))
    socket.bind(${toPort}, () => console.log('ready'))`
  const receiver = spawn(program, [...rest, stage.node, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  finished(() => void receiver.kill('SIGKILL'))
  const ended = once(receiver, 'exit').then(() => true)
  await once(receiver.stdout, 'data')
  const send = `
    const socket = dgram.createSocket('udp4').bind(${fromPort}, async () => {
      for (const _ of [1, 2, 3]) await new Promise((sent) => socket.send('an offer', ${toPort}, '${address}', sent))
      socket.close()
    })`
  await from.run(stage.node, '-e', send)
  const tooLate = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), patienceMs))
  const arrived = await Promise.race([ended, tooLate])
  receiver.kill('SIGKILL')
  return arrived
}
