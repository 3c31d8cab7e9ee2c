import { isIPv4 } from 'node:net'
import { readIfThere } from './durable-file.ts'

/** Where systemd-resolved, which answers on the loopback only, tells which servers it asks itself. */
const RESOLVED_UPSTREAMS = '/run/systemd/resolve/resolv.conf'

export function nameservers(resolvConf: string): string[] {
  return resolvConf.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** The host's IPv4 name servers; when all are on its loopback and those they ask are known, these instead. */
export async function hostResolvers(resolvConf: string): Promise<string[]> {
  const servers = nameservers((await readIfThere(resolvConf)) ?? '').filter(isIPv4)
  if (!servers.every(isLoopback)) return servers.filter((server) => !isLoopback(server))
  const upstreams = nameservers((await readIfThere(RESOLVED_UPSTREAMS)) ?? '').filter(isIPv4)
  return upstreams.length > 0 ? upstreams : servers
}
