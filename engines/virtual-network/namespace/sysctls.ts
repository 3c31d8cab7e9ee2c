import { run } from './programs.ts'

/** Of every device made later in the namespace; those of the host are inherited otherwise. */
const INSIDE = {
  'net/ipv4/ip_forward': 1,
  'net/ipv4/conf/all/rp_filter': 0, // sources are checked per port, more strictly
  'net/ipv4/conf/default/rp_filter': 0,
  'net/ipv4/conf/all/arp_ignore': 1, // bridges of private networks may carry the same address
  'net/ipv4/conf/all/arp_announce': 2,
  'net/ipv4/conf/all/send_redirects': 0,
  'net/ipv4/conf/default/send_redirects': 0,
  'net/ipv4/conf/all/accept_redirects': 0,
  'net/ipv6/conf/all/disable_ipv6': 1,
  'net/ipv6/conf/default/disable_ipv6': 1,
  // The filter of bridges is enough; not every kernel has these.
  'net/bridge/bridge-nf-call-iptables': 0,
  'net/bridge/bridge-nf-call-ip6tables': 0,
  'net/bridge/bridge-nf-call-arptables': 0,
}

export async function setSysctlsInside(enter: readonly string[]): Promise<void> {
  const lines = Object.entries(INSIDE).map(([path, value]) => `[ ! -e /proc/sys/${path} ] || echo ${value} > /proc/sys/${path}`)
  await run([...enter, 'sh', '-e'], `${lines.join('\n')}\n`)
}
