import { type Block, parseBlock } from '../addresses.ts'
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
