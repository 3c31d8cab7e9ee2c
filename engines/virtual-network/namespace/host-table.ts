import { OUTSIDE } from './ground.ts'
import type { Transfer } from './transfer.ts'

export interface HostTable {
  name: string
  /** The host's end of the veth pair. */
  device: string
  transfer: Transfer
  /** A name server on the host's loopback that the data plane must be able to ask. */
  loopbackResolver?: string
}

/**
 * Our table on the host, made anew in one transaction. It gives the data plane a way out, and protects the host from
 * guests: nothing that comes through the pair reaches a service of the host, whatever the host's own rules say. It
 * says nothing about packets that have to do neither with the pair.
 */
export function renderHostTable({ name, device, transfer, loopbackResolver }: HostTable): string {
  const dns = `iifname "${device}" ip saddr ${transfer.inner} ip daddr ${transfer.outer} meta l4proto { tcp, udp } th dport 53`
  return `
add table inet ${name}
delete table inet ${name}
table inet ${name} {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ${loopbackResolver ? `${dns} dnat ip to ${loopbackResolver}` : ''}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${transfer.inner} oifname != "${device}" masquerade
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname != "${device}" accept
    ct state established,related accept
    ${loopbackResolver ? `ip saddr ${transfer.inner} ct status dnat meta l4proto { tcp, udp } th dport 53 accept` : ''}
    drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${device}" ip saddr ${transfer.inner} accept
    iifname "${device}" drop
    oifname "${device}" ct state established,related accept
    oifname "${device}" drop comment "only the host itself opens connections to guests"
  }
}
`
}

/** Turns the pair's inner end into the way out. */
export function innerBatch({ inner, outer }: Transfer, mtu: number): string[] {
  return [
    'link set dev lo up',
    `address replace ${inner}/30 dev ${OUTSIDE}`,
    `link set dev ${OUTSIDE} mtu ${mtu} up`,
    `route replace default via ${outer} dev ${OUTSIDE}`,
  ]
}
