// The real data plane: everything lives in one network namespace per cloud and outlives this process. What should be
// there is the plan, kept in a file; every change writes the plan first and then brings what is there in line with
// it. Opening does the same, so that it makes no difference whether this process, a helper or the host was restarted.

import { mkdir, realpath, rm } from 'node:fs/promises'
import type { Log } from '@synnefo/lib/log'
import { deviceName, shortHash } from '../device-names.ts'
import { SpecRefused } from '../errors.ts'
import type { VirtualNetwork } from '../interface.ts'
import { EMPTY_PLAN, type Plan, withNetwork, withoutNetwork, withoutPort, withPort } from '../plan.ts'
import { openDhcpServers } from './dhcp.ts'
import { openDnsForwarder } from './dns.ts'
import type { Surroundings } from './ground.ts'
import { type Device, linkChanges, tapOwner } from './links.ts'
import { planPath, readPlan, writePlan } from './plan-file.ts'
import { run } from './programs.ts'
import { openRooted } from './rooted.ts'
import { openRootless } from './rootless.ts'
import { renderRuleset } from './ruleset.ts'

export interface NamespaceOptions {
  /** Keeps the plan; the name of everything on the host is derived from its path. */
  folder: string
  /** The user that QEMU runs as. Without root it can only be ourselves. */
  deviceOwnerUid: number
  log: Log
  /** Where the host's name servers are read. */
  resolvConf?: string
  /** How often dead helpers and changes of the host are looked for. */
  careEveryMs?: number
}

export async function openNamespaceNetwork(options: NamespaceOptions): Promise<VirtualNetwork> {
  const { deviceOwnerUid, log, resolvConf = '/etc/resolv.conf', careEveryMs = 5000 } = options
  await mkdir(options.folder, { recursive: true })
  const folder = await realpath(options.folder)
  const open = process.getuid?.() === 0 ? openRooted : openRootless
  const ground = await open({ folder, id: shortHash(folder, 8), deviceOwnerUid, resolvConf, log })
  const owner = await tapOwner(ground.tapOwnerUid)
  const dhcp = openDhcpServers(ground)
  const dns = openDnsForwarder(ground)
  const serially = queue()
  let plan = await readPlan(folder)
  let surroundings: Surroundings

  /** Everything, as the first time. */
  async function settleAll(): Promise<void> {
    await ground.ensure()
    surroundings = await ground.join(plan)
    await settleInside()
    await dhcp.settle(plan, surroundings)
    await dns.settle(plan, surroundings)
  }

  /** After a change of the plan that touches only this network. */
  async function settle(network: string): Promise<void> {
    if ((await ground.ensure()) === 'made') return settleAll()
    await settleInside()
    await dhcp.settle(plan, surroundings, [network])
    await dns.settle(plan, surroundings)
  }

  /** Filters first: no device is made before its rules are there. */
  async function settleInside(): Promise<void> {
    const { nft, ip } = ground.programs
    const inside = ground.enter()
    const [text] = await Promise.all([
      run([...inside, ip, '-json', '-details', 'address', 'show']),
      run([...inside, nft, '-f', '-'], renderRuleset(plan, surroundings)),
    ])
    const { batch, newBridges } = linkChanges(plan, JSON.parse(text) as Device[], owner)
    await dhcp.forget(newBridges)
    if (batch.length > 0) await run([...inside, ip, '-batch', '-'], batch.join('\n'))
  }

  async function takeCare(): Promise<void> {
    if (!ground.needsCare() && !dhcp.needsCare() && !dns.needsCare()) return
    log.warn('part of the data plane died or the host changed: setting it right')
    await settleAll()
  }

  async function adopt(changed: Plan): Promise<void> {
    checkDeviceNames(changed)
    if (JSON.stringify([...changed.networks, ...changed.ports]) !== JSON.stringify([...plan.networks, ...plan.ports])) {
      await writePlan(folder, changed)
    }
    plan = changed
  }

  await serially(settleAll)

  let caring = false
  const care = setInterval(async () => {
    if (caring) return
    caring = true
    // In its turn: a change under way looks like something that died.
    await serially(takeCare).catch((error) => log.error({ error }, 'the data plane could not be set right'))
    caring = false
  }, careEveryMs)
  care.unref()

  return {
    can: { hostReachesGuests: ground.hostReachesGuests, taps: true },
    ensureNetwork: (spec) =>
      serially(async () => {
        await adopt(withNetwork(plan, spec))
        await settleAll()
      }),
    removeNetwork: (name) =>
      serially(async () => {
        if (!plan.networks.has(name)) return
        await adopt(withoutNetwork(plan, name))
        await settleAll()
      }),
    ensurePort: (spec) =>
      serially(async () => {
        await adopt(withPort(plan, spec))
        await settle(spec.network)
        return { device: deviceName(spec.name) }
      }),
    removePort: (name) =>
      serially(async () => {
        const port = plan.ports.get(name)
        if (!port) return
        await adopt(withoutPort(plan, name))
        await settle(port.network)
      }),
    list: async () => ({ networks: [...plan.networks.keys()], ports: [...plan.ports.keys()] }),
    enter: () => ground.enterConfined(),
    close: async () => {
      clearInterval(care)
      await serially(async () => undefined)
    },
    destroy: async () => {
      clearInterval(care)
      await serially(async () => {
        plan = EMPTY_PLAN
        if ((await ground.ensure()) === 'found') await settleInside()
        await dhcp.stopAll()
        await dns.stop()
        await ground.destroy()
        await rm(planPath(folder), { force: true })
      })
    },
  }
}

/** One at a time, in the order asked; a failure is told to who asked and does not hold up the next. */
function queue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

function checkDeviceNames(plan: Plan): void {
  const taken = new Map<string, string>()
  for (const name of [...plan.networks.keys(), ...plan.ports.keys()]) {
    const other = taken.get(deviceName(name))
    if (other !== undefined) throw new SpecRefused(`${name} and ${other} would be the same device`)
    taken.set(deviceName(name), name)
  }
}
