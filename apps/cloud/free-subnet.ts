// Several clouds may live on one host, and the host may be in networks of its own: a new cloud's public network takes
// addresses that the host does not reach elsewhere, so that the host can reach the guests.
import { readFile } from 'node:fs/promises'

/** The first subnet of this size, from `wanted` on, that overlaps no route of the host; `wanted` when all do. */
export async function freeSubnet(wanted: string, routesFile = '/proc/net/route'): Promise<string> {
  const [address = '', length = ''] = wanted.split('/')
  const size = 2 ** (32 - Number(length))
  const routes = await readFile(routesFile, 'utf8').then(readRoutes, () => [])
  const first = toNumber(address)
  // The next ones of the same private block: 10/8 is the largest, and a few hundred clouds on a host are plenty.
  for (let start = first; start < first + size * 200 && sameBlock(start, first); start += size) {
    if (!routes.some((route) => start < route.end && route.start < start + size)) return `${toText(start)}/${length}`
  }
  return wanted
}

interface Range {
  start: number
  end: number
}

/** Destinations and masks in hexadecimal, least byte first; the default route says nothing. */
function readRoutes(text: string): Range[] {
  const rows = text.trim().split('\n').slice(1)
  return rows.flatMap((row) => {
    const [, destination = '', , , , , , mask = ''] = row.trim().split(/\s+/)
    if (mask === '00000000') return []
    const start = fromHex(destination)
    return [{ start, end: start + (0xffffffff - fromHex(mask)) + 1 }]
  })
}

const fromHex = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE(0)
const toNumber = (address: string) => address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
const toText = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
const sameBlock = (a: number, b: number) => Math.floor(a / 2 ** 24) === Math.floor(b / 2 ** 24)
