// The data plane's home when we are root: a named network namespace, joined to the host by a veth pair.
// On the host there are, beside the pair: one nftables table of ours, a route to each public subnet, and forwarding
// turned on for the pair and for the devices of the default route.

import { existsSync, statfsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { overlap, parseBlock } from '../addresses.ts'
import type { Plan } from '../plan.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import { isForwarding, turnForwardingOff, turnForwardingOn } from './forwarding.ts'
import { type Ground, type GroundOptions, OUTSIDE, type Surroundings } from './ground.ts'
import { outsideSeen, routedBlocks, routesThrough, smallestMtu, takenBlocks, uplinks } from './host-routes.ts'
import { innerBatch, renderHostTable } from './host-table.ts'
import { publicBlocks } from './links.ts'
import { findPrograms, run } from './programs.ts'
import { hostResolvers, isLoopback } from './resolvers.ts'
import { setSysctlsInside } from './sysctls.ts'
import { chooseTransfer, type Transfer } from './transfer.ts'
import { openTunTo } from './tun.ts'

/** Remembered so that a restart changes nothing for guests. */
interface RootedFile {
  transfer?: Transfer
}

/** What statfs says of a file that holds a namespace; a file that is only a name is left over from before a reboot. */
const NSFS_MAGIC = 0x6e736673

export async function openRooted({ folder, id, deviceOwnerUid, resolvConf, log }: GroundOptions): Promise<Ground> {
  const programs = await findPrograms(['ip', 'nft', 'nsenter', 'dnsmasq'])
  await openTunTo(deviceOwnerUid, log)
  const name = `synnefo-${id}`
  const device = `snf-${id}`
  const place = `/run/netns/${name}`
  const runFolder = `/run/${name}`
  const enter = [programs.nsenter, `--net=${place}`, '--']
  const path = join(folder, 'rooted.json')
  const memory = JSON.parse((await readIfThere(path)) ?? '{}') as RootedFile
  const remember = () => writeDurably(path, JSON.stringify(memory))
  let joinedTo = ''
  let forwarders: readonly string[] = []

  async function ensure(): Promise<'found' | 'made'> {
    if (holdsNamespace(place)) return 'found'
    await rm(place, { force: true })
    await run([programs.ip, 'netns', 'add', name])
    await setSysctlsInside(enter)
    return 'made'
  }

  async function ensureTransfer(plan: Plan): Promise<Transfer> {
    const transfer = chooseTransfer(await takenBlocks(programs, plan, device), id, memory.transfer)
    if (transfer !== memory.transfer) {
      memory.transfer = transfer
      await remember()
    }
    return transfer
  }

  async function ensurePair(transfer: Transfer, mtu: number): Promise<void> {
    if (!existsSync(`/sys/class/net/${device}`)) {
      await run([programs.ip, 'link', 'add', device, 'type', 'veth', 'peer', 'name', OUTSIDE, 'netns', name])
    }
    const outer = [
      `address flush dev ${device}`,
      `address add ${transfer.outer}/30 dev ${device}`,
      `link set dev ${device} mtu ${mtu} up`,
    ]
    await run([programs.ip, '-4', '-batch', '-'], outer.join('\n'))
    await run([...enter, programs.ip, '-4', '-batch', '-'], innerBatch(transfer, mtu).join('\n'))
  }

  /** The host reaches public subnets through the pair, except what it reaches elsewhere already. */
  async function ensureRoutes(plan: Plan, { inner, cidr }: Transfer): Promise<void> {
    const elsewhere = await routedBlocks(programs, device)
    const wanted = publicBlocks(plan).filter((subnet) => {
      const block = parseBlock(subnet)
      const isFree = !elsewhere.some((other) => block && overlap(block, other))
      if (!isFree) log.warn({ subnet }, 'the host reaches this subnet elsewhere: it cannot open connections to guests there')
      return isFree
    })
    const there = (await routesThrough(programs, device)).filter((subnet) => subnet !== cidr)
    const batch = [
      ...there.filter((subnet) => !wanted.includes(subnet)).map((subnet) => `route del ${subnet} dev ${device}`),
      ...wanted.map((subnet) => `route replace ${subnet} via ${inner} dev ${device}`),
    ]
    if (batch.length > 0) await run([programs.ip, '-4', '-batch', '-'], batch.join('\n'))
  }

  async function joinOutside(plan: Plan): Promise<Surroundings> {
    joinedTo = outsideSeen(resolvConf)
    const transfer = await ensureTransfer(plan)
    const out = await uplinks(programs)
    const mtu = await smallestMtu(out)
    await ensurePair(transfer, mtu)
    const resolvers = await hostResolvers(resolvConf)
    const loopbackResolver = resolvers.find(isLoopback)
    await run([programs.nft, '-f', '-'], renderHostTable({ name, device, transfer, loopbackResolver }))
    if (loopbackResolver) await writeFile(`/proc/sys/net/ipv4/conf/${device}/route_localnet`, '1')
    forwarders = [device, ...out]
    for (const each of forwarders) await turnForwardingOn(each)
    await ensureRoutes(plan, transfer)
    return { resolvers: loopbackResolver ? [transfer.outer] : resolvers, hostAddresses: [transfer.outer], mtu }
  }

  return {
    hostReachesGuests: true,
    programs,
    runFolder,
    dhcpUser: 'nobody',
    tapOwnerUid: deviceOwnerUid,
    enter: () => enter,
    enterConfined: () => enter,
    ensure,
    join: joinOutside,
    needsCare: () =>
      !holdsNamespace(place) ||
      !existsSync(`/sys/class/net/${device}`) ||
      outsideSeen(resolvConf) !== joinedTo ||
      !forwarders.every(isForwarding),
    destroy: async () => {
      if (existsSync(`/sys/class/net/${device}`)) await run([programs.ip, 'link', 'del', 'dev', device])
      await run([programs.nft, '-f', '-'], `add table inet ${name}\ndelete table inet ${name}\n`)
      if (existsSync(place)) await run([programs.ip, 'netns', 'del', name])
      const others = (await readdir('/run/netns')).filter((each) => each.startsWith('synnefo-'))
      if (others.length === 0) await turnForwardingOff()
      await rm(runFolder, { recursive: true, force: true })
      await rm(path, { force: true })
    },
  }
}

function holdsNamespace(place: string): boolean {
  try {
    return statfsSync(place).type === NSFS_MAGIC
  } catch {
    return false
  }
}
