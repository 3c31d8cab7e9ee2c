import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Block, parseBlock } from '../addresses.ts'
import type { Plan } from '../plan.ts'
import { publicBlocks } from './links.ts'
import { type Programs, run } from './programs.ts'

interface Route {
  dst: string
  dev?: string
  metric?: number
}

/** IPv4 routes of the host, all tables. */
async function routes(programs: Programs): Promise<Route[]> {
  const text = await run([programs.ip, '-4', '-json', 'route', 'show', 'table', 'all'])
  return JSON.parse(text || '[]') as Route[]
}

/** Subnets that the host reaches other than by its default route and other than through `ours`. */
export async function routedBlocks(programs: Programs, ours: string): Promise<Block[]> {
  const found = await routes(programs)
  return found
    .filter(({ dst, dev }) => dst !== 'default' && dev !== ours)
    .flatMap(({ dst }) => parseBlock(dst.includes('/') ? dst : `${dst}/32`) ?? [])
    .filter(({ prefixLength }) => prefixLength > 1) // VPNs split the default route in two halves
}

/** Devices that lead to the outside world. */
export async function uplinks(programs: Programs): Promise<string[]> {
  const found = await routes(programs)
  return [...new Set(found.filter(({ dst }) => dst === 'default').flatMap(({ dev }) => dev ?? []))]
}

export async function routesThrough(programs: Programs, device: string): Promise<string[]> {
  const text = await run([programs.ip, '-4', '-json', 'route', 'show', 'dev', device])
  return (JSON.parse(text || '[]') as Route[]).map(({ dst }) => dst)
}

/** Subnets that the one between host and data plane must keep clear of. */
export async function takenBlocks(programs: Programs, plan: Plan, ours: string): Promise<Block[]> {
  return [...(await routedBlocks(programs, ours)), ...publicBlocks(plan).flatMap((cidr) => parseBlock(cidr) ?? [])]
}

const ETHERNET_MTU = 1500

/** The biggest packet that fits through all of these devices. */
export async function smallestMtu(devices: readonly string[]): Promise<number> {
  const mtus = await Promise.all(devices.map(async (device) => Number(await readFile(`/sys/class/net/${device}/mtu`, 'utf8'))))
  return Math.min(ETHERNET_MTU, ...mtus)
}

/** A text that changes when the way out does: default routes and name servers. Cheap enough to be asked all the time. */
export function outsideSeen(resolvConf: string): string {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const defaults = read('/proc/net/route')
    .split('\n')
    .filter((line) => line.split('\t')[1] === '00000000')
  return `${read(resolvConf)}\n${defaults.join('\n')}`
}
