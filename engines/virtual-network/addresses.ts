import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** The block a CIDR names: its first address and prefix length. Undefined for what is no CIDR of this version. */
export interface Block {
  version: 4 | 6
  first: string
  prefixLength: number
}

/** IPv4 only in dotted decimal: `010.1` and the like mean different things to different programs. */
function parse(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text)
  return undefined
}

export function versionOf(address: string): 4 | 6 | undefined {
  const parsed = parse(address)
  if (!parsed) return undefined
  return parsed.kind() === 'ipv4' ? 4 : 6
}

/** One spelling per address, so that addresses can be compared as text. */
export function canonical(address: string): string {
  return parse(address)?.toString() ?? address
}

export function parseBlock(cidr: string): Block | undefined {
  const [address = '', length = '', ...rest] = cidr.split('/')
  const parsed = parse(address)
  if (!parsed || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined
  const prefixLength = Number(length)
  const version = parsed.kind() === 'ipv4' ? 4 : 6
  if (prefixLength > (version === 4 ? 32 : 128)) return undefined
  const kind = version === 4 ? ipaddr.IPv4 : ipaddr.IPv6
  return { version, first: kind.networkAddressFromCIDR(`${parsed}/${prefixLength}`).toString(), prefixLength }
}

export function cidrOf({ first, prefixLength }: Block): string {
  return `${first}/${prefixLength}`
}

export function netmask({ prefixLength }: Block): string {
  return ipaddr.IPv4.subnetMaskFromPrefixLength(prefixLength).toString()
}

export function lastAddress(block: Block): string {
  return block.version === 4 ? ipaddr.IPv4.broadcastAddressFromCIDR(cidrOf(block)).toString() : ''
}

/** The block's own name, and in IPv4 its broadcast address; blocks of one or two addresses have neither. */
export function isReserved(block: Block, address: string): boolean {
  if (block.version === 6 || block.prefixLength >= 31) return false
  return canonical(address) === block.first || canonical(address) === lastAddress(block)
}

export function contains(block: Block, address: string): boolean {
  const parsed = parse(address)
  if (!parsed || versionOf(address) !== block.version) return false
  return parsed.match(ipaddr.parse(block.first), block.prefixLength)
}

export function overlap(one: Block, other: Block): boolean {
  const [wide, narrow] = one.prefixLength <= other.prefixLength ? [one, other] : [other, one]
  return contains(wide, narrow.first)
}

/** The address that follows `first` by `steps` (IPv4). */
export function addressAfter(first: string, steps: number): string {
  const value = ipaddr.IPv4.parse(first)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0)
  return ipaddr.fromByteArray([24, 16, 8, 0].map((shift) => Math.floor((value + steps) / 2 ** shift) % 256)).toString()
}
