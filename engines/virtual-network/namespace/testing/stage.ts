// A machine for one test: its own network, mounts and processes, with an "internet" beside it. All of it is gone
// when its first process is killed, and no packet leaves it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { onTestFinished } from 'vitest'
import type { VirtualNetwork } from '../../interface.ts'
import { run } from '../programs.ts'
import type { Answer, Call } from './driver.ts'

/** Runs a command as the test's host: as its root, or as the user that the cloud belongs to. */
export interface Stage {
  /** A folder for the cloud, owned by its user. */
  folder: string
  /** The user that guests' devices belong to, as seen from inside the data plane. */
  ownerInside: string
  /** Command prefix: becomes that user, inside the data plane. */
  asDeviceOwner: readonly string[]
  /** Command prefix: inside, as root of the host. */
  asRoot: readonly string[]
  /** Command prefix: inside, as the user of the cloud. */
  asUser: readonly string[]
  /** Command prefix: in the network of a process that the cloud's user started. */
  enterProcess(pid: string): readonly string[]
  /** Command prefix: on the other end of the host's uplink. */
  onInternet: readonly string[]
  /** Node, as it is found inside. */
  node: string
  /** Starts a process that opens the cloud's data plane. */
  openProcess(options?: Record<string, unknown>): Promise<CloudProcess>
}

/** Command prefix: in the cloud's data plane, with power over it. */
export function insideOf(stage: Stage, network: VirtualNetwork): string[] {
  const prefix = network.enter()
  return [...stage.asUser, ...prefix.slice(0, prefix.indexOf('--') + 1)]
}

export interface CloudProcess {
  network: VirtualNetwork
  /** As a crash does. */
  kill(): Promise<void>
}

export const HOST_ADDRESS = '203.0.113.2'
export const INTERNET_ADDRESS = '203.0.113.1'
export const INTERNET_NAME = 'server.outside.test'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))
const NOBODY = 65534
/** Where the repository is seen inside, for users who may not enter the folders above it. */
const inside = (path: string) => path.replace(repository, '/run/repository/')

/** The first process of the host. It takes in the orphans of others, as the first process of a machine does. */
const FIRST_PROCESS = `
set -e
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 run /run
mkdir /run/repository /run/cloud /run/netns
mount --bind "$REPOSITORY" /run/repository
mount --bind "$CLOUD" /run/cloud
mknod -m "$TUN_MODE" /run/tun c 10 200
mount --bind /run/tun /dev/net/tun
echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range
ip link set lo up
ip netns add internet
ip link add eth0 type veth peer name eth0 netns internet
ip address add ${HOST_ADDRESS}/24 dev eth0
ip link set eth0 up
ip -n internet link set lo up
ip -n internet address add ${INTERNET_ADDRESS}/24 dev eth0
ip -n internet link set eth0 up
ip route add default via ${INTERNET_ADDRESS}
printf 'nameserver ${INTERNET_ADDRESS}\\n' > /run/resolv.conf
mount --bind /run/resolv.conf "$(readlink -f /etc/resolv.conf)"
nsenter --net=/run/netns/internet dnsmasq --conf-file=/dev/null --no-hosts --no-resolv --bind-interfaces \
  --interface=eth0 --except-interface=lo --address=/${INTERNET_NAME}/${INTERNET_ADDRESS} --pid-file=/run/internet.pid
sleep infinity &
until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
echo ready
wait
`

export interface StageOptions {
  rootless: boolean
  /** Permissions of /dev/net/tun. */
  tunMode?: string
}

export async function openStage(finished: typeof onTestFinished, { rootless, tunMode = '666' }: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-network-'))
  finished(() => rm(folder, { recursive: true, force: true }))
  if (rootless) await chown(folder, NOBODY, NOBODY)
  const first = spawn(
    'unshare',
    ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', FIRST_PROCESS],
    {
      env: {
        ...process.env,
        REPOSITORY: repository,
        CLOUD: folder,
        TUN_MODE: tunMode,
        PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(first, 'close')
  finished(async () => {
    first.kill('SIGKILL')
    await ended
  })
  await firstLine(first)
  const pid = (await run(['pgrep', '-P', String(first.pid)])).trim()
  const asRoot = ['nsenter', '--net', '--mount', '--pid', '--target', pid, '--']
  const drop = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--']
  const asUser = rootless ? [...asRoot, ...drop] : asRoot
  return {
    folder: '/run/cloud',
    node: inside(process.execPath),
    ownerInside: String(rootless ? 0 : NOBODY),
    asDeviceOwner: rootless ? [] : drop,
    asRoot,
    asUser,
    enterProcess: (pid) => [
      ...asUser,
      'nsenter',
      ...(rootless ? ['--preserve-credentials', '--user'] : []),
      '--net',
      '--target',
      pid,
      '--',
    ],
    onInternet: [...asRoot, 'nsenter', '--net=/run/netns/internet', '--'],
    openProcess: (options = {}) =>
      openProcess(finished, asUser, { folder: '/run/cloud/network', deviceOwnerUid: NOBODY, careEveryMs: 100, ...options }),
  }
}

async function openProcess(
  finished: typeof onTestFinished,
  prefix: readonly string[],
  options: Record<string, unknown>,
): Promise<CloudProcess> {
  const driver = inside(fileURLToPath(new URL('driver.ts', import.meta.url)))
  const [program = '', ...rest] = [...prefix, inside(process.execPath), driver, JSON.stringify(options)]
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  finished(kill)
  return { network: await remoteNetwork(child), kill }
}

/** A `VirtualNetwork` whose work is done by the driver. */
async function remoteNetwork(child: ChildProcess): Promise<VirtualNetwork> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  let calls = 0
  let prefix: readonly string[] = []
  const answerOf = (id: number) => new Promise<unknown>((resolve, reject) => void waiting.set(id, { resolve, reject }))

  function call(method: Call['method'], ...args: unknown[]): Promise<unknown> {
    const id = ++calls
    child.stdin?.write(`${JSON.stringify({ id, method, args } satisfies Call)}\n`)
    return answerOf(id)
  }

  createInterface(child.stdout!).on('line', (line) => {
    const answer = JSON.parse(line) as Answer
    const caller = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) caller?.reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }))
    else caller?.resolve(answer.result)
  })
  child.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('The process that runs the data plane ended'))
  })

  const opened = answerOf(0)
  await opened
  const can = (await call('can')) as VirtualNetwork['can']
  prefix = (await call('enter')) as readonly string[]
  return {
    can,
    ensureNetwork: async (spec) => void (await call('ensureNetwork', spec)),
    removeNetwork: async (name) => void (await call('removeNetwork', name)),
    ensurePort: async (spec) => {
      const link = (await call('ensurePort', spec)) as { device: string }
      prefix = (await call('enter')) as readonly string[]
      return link
    },
    removePort: async (name) => void (await call('removePort', name)),
    list: async () => (await call('list')) as { networks: string[]; ports: string[] },
    enter: () => prefix,
    close: async () => void (await call('close')),
    destroy: async () => void (await call('destroy')),
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface(child.stdout!).once('line', resolve)
    child.once('close', (code) => reject(new Error(`The test's host did not start: exit code ${code}`)))
  })
}
