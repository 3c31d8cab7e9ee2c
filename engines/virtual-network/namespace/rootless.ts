// The data plane's home without root: a network namespace in a user namespace, in which we are root. It lives as long
// as a process is in it, so one that sleeps is kept there; should it be killed, any machine or DHCP server that still
// runs inside leads back in. pasta carries packets between the namespace and ordinary sockets of the host.

import { spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { HostNotReady } from '../errors.ts'
import type { Plan } from '../plan.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import { type Ground, type GroundOptions, OUTSIDE, type Surroundings } from './ground.ts'
import { outsideSeen, takenBlocks } from './host-routes.ts'
import { end, livePid } from './processes.ts'
import { findPrograms, run } from './programs.ts'
import { hostResolvers, isLoopback } from './resolvers.ts'
import { setSysctlsInside } from './sysctls.ts'
import { chooseTransfer, type Transfer } from './transfer.ts'
import { checkTun } from './tun.ts'

interface RootlessFile {
  transfer?: Transfer
  /** Tells a namespace of before a reboot from one of the same number after it. */
  bootId?: string
  /** The namespace as /proc names it, such as net:[4026532281]. */
  namespace?: string
  /** The process that keeps it. */
  keeper?: number
}

const MTU = 1500

export async function openRootless({ folder, id, resolvConf, log }: GroundOptions): Promise<Ground> {
  const programs = await findPrograms(['ip', 'nft', 'nsenter', 'dnsmasq', 'unshare', 'setpriv', 'pasta'])
  await checkTun()
  const path = join(folder, 'rootless.json')
  const runFolder = join(folder, 'run')
  const pastaPid = join(runFolder, 'pasta.pid')
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  let memory = JSON.parse((await readIfThere(path)) ?? '{}') as RootlessFile
  let joinedTo = ''
  let hasWayOut = false

  async function remember(more: Partial<RootlessFile>): Promise<void> {
    memory = { ...memory, ...more }
    await writeDurably(path, JSON.stringify(memory))
  }

  const enterBy = (pid: number) => [programs.nsenter, '--preserve-credentials', '-U', '-n', '-t', String(pid), '--']
  const enter = () => enterBy(memory.keeper ?? 0)
  const isKept = () => memory.bootId === bootId && memory.keeper !== undefined && namespaceOf(memory.keeper) === memory.namespace

  async function ensure(): Promise<'found' | 'made'> {
    if (isKept()) return 'found'
    const insider = memory.bootId === bootId ? await findInsider(memory.namespace) : undefined
    if (insider !== undefined) {
      await remember({ keeper: await startKeeper(enterBy(insider)) })
      return 'found'
    }
    await endPasta()
    const keeper = await startKeeper([programs.unshare, '--user', '--map-root-user', '--net', '--'])
    await remember({ bootId, keeper, namespace: namespaceOf(keeper) })
    await setSysctlsInside(enter())
    await run([...enter(), programs.ip, 'link', 'set', 'dev', 'lo', 'up'])
    return 'made'
  }

  const findPasta = () => livePid(pastaPid, pastaPid)

  async function endPasta(): Promise<void> {
    const pid = findPasta()
    if (pid !== undefined) await end(pid)
  }

  /** Without a way out, guests still have each other: a laptop without network is no reason not to start. */
  async function ensureWayOut({ inner, outer }: Transfer, forwardsDns: boolean): Promise<void> {
    if (findPasta() !== undefined) return
    await mkdir(runFolder, { recursive: true })
    const address = ['--address', inner, '--netmask', '30', '--gateway', outer, '--mtu', String(MTU)]
    const device = ['--config-net', '--ns-ifname', OUTSIDE, '--ipv4-only']
    // Only for a name server on the host's loopback: it would give answers of the others the wrong sender.
    const dns = forwardsDns ? ['--dns-forward', outer] : []
    // Nothing of the host's loopback is to be seen from inside, nor the other way round.
    const closed = ['--no-map-gw', '-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none']
    const quiet = ['--quiet', '--log-file', join(runFolder, 'pasta.log'), '--pid', pastaPid]
    await run([programs.pasta, ...address, ...device, ...dns, ...closed, ...quiet, String(memory.keeper)])
  }

  async function joinOutside(plan: Plan): Promise<Surroundings> {
    joinedTo = outsideSeen(resolvConf)
    const transfer = chooseTransfer(await takenBlocks(programs, plan, ''), id, memory.transfer)
    if (transfer !== memory.transfer) {
      await endPasta() // it holds the old addresses
      await remember({ transfer })
    }
    const resolvers = await hostResolvers(resolvConf)
    const forwardsDns = resolvers.every(isLoopback)
    hasWayOut = await ensureWayOut(transfer, forwardsDns).then(
      () => true,
      (error) => {
        log.warn({ error }, 'guests have no way out')
        return false
      },
    )
    return {
      resolvers: forwardsDns ? [transfer.outer] : resolvers,
      hostAddresses: [transfer.outer, ...addressesOfHost()],
      mtu: MTU,
    }
  }

  return {
    hostReachesGuests: false,
    programs,
    runFolder,
    dhcpUser: '',
    tapOwnerUid: 0,
    enter,
    enterConfined: () => [...enter(), programs.setpriv, '--bounding-set=-all', '--inh-caps=-all', '--'],
    ensure,
    join: joinOutside,
    needsCare: () => !isKept() || (hasWayOut && findPasta() === undefined) || outsideSeen(resolvConf) !== joinedTo,
    destroy: async () => {
      await endPasta()
      if (isKept() && memory.keeper) await end(memory.keeper)
      await rm(runFolder, { recursive: true, force: true })
      await rm(path, { force: true })
    },
  }
}

/** Starts a process that sleeps in a namespace; answers when it is there. It is nobody's child and outlives us. */
async function startKeeper(prefix: readonly string[]): Promise<number> {
  const [program = '', ...rest] = [...prefix, 'sleep', 'infinity']
  const keeper = spawn(program, rest, { cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  keeper.stderr.on('data', (data) => {
    complaint += data
  })
  let over = false
  keeper.once('close', () => {
    over = true
  })
  while (!over && programOf(keeper.pid) !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 2))
  if (over || keeper.pid === undefined) throw await noNamespaces(complaint.trim())
  keeper.stderr.destroy()
  keeper.unref()
  return keeper.pid
}

/** Some distributions let only root make user namespaces; each in its own way. */
async function noNamespaces(complaint: string): Promise<HostNotReady> {
  const read = async (name: string) => (await readIfThere(`/proc/sys/${name.replaceAll('.', '/')}`))?.trim()
  const remedies = [
    ['kernel.unprivileged_userns_clone', '0', '1'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
    ['user.max_user_namespaces', '0', '10000'],
    ['user.max_net_namespaces', '0', '10000'],
  ] as const
  for (const [name, forbidding, allowing] of remedies) {
    if ((await read(name)) !== forbidding) continue
    return new HostNotReady(`This host lets only root make namespaces (${complaint}). As root: sysctl -w ${name}=${allowing}`)
  }
  return new HostNotReady(`This host lets this user make no namespaces for networks: ${complaint}`)
}

function programOf(pid: number | undefined): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}

/** Some process of ours in this namespace. */
async function findInsider(namespace: string | undefined): Promise<number | undefined> {
  if (namespace === undefined) return undefined
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  return pids.find((pid) => namespaceOf(pid) === namespace)
}

/** What pasta would connect guests to as if it were this host's own program. */
function addressesOfHost(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
}
