// Usage against quota, as the identity service counts it.
import type { Holding, Quotas } from '@synnefo/clients/identity'
import { isUnlimited } from '../ui/format.ts'

export const RESOURCES: { resource: string; label: string }[] = [
  { resource: 'cyclades.vm', label: 'Servers' },
  { resource: 'cyclades.cpu', label: 'Virtual CPUs in use' },
  { resource: 'cyclades.ram', label: 'Memory in use' },
  { resource: 'cyclades.disk', label: 'Disks of servers' },
  { resource: 'pithos.diskspace', label: 'Object storage' },
  { resource: 'cyclades.floating_ip', label: 'Floating addresses' },
  { resource: 'cyclades.network.private', label: 'Private networks' },
]

export interface Usage {
  used: bigint
  limit: bigint
  left: bigint
  /** 0 to 1; undefined where there is no limit. */
  share: number | undefined
}

/** What one may still take is bounded by one's own limit and by what others of the project left. */
export function usageOf(holding: Holding): Usage {
  const others = holding.project_usage - holding.usage
  const ofProject = isUnlimited(holding.project_limit) ? holding.project_limit : holding.project_limit - others
  const limit = maximum(0n, minimum(holding.limit, ofProject))
  const left = maximum(0n, isUnlimited(limit) ? limit : limit - holding.usage)
  const share = isUnlimited(limit)
    ? undefined
    : limit === 0n
      ? holding.usage > 0n
        ? 1
        : 0
      : Number(holding.usage) / Number(limit)
  return { used: holding.usage, limit, left, share }
}

/** What is left of a resource in a project; nothing where the project holds none of it. */
export function leftOf(quotas: Quotas, project: string, resource: string): bigint {
  const holding = quotas[project]?.[resource]
  return holding === undefined ? 0n : usageOf(holding).left
}

const minimum = (a: bigint, b: bigint) => (a < b ? a : b)
const maximum = (a: bigint, b: bigint) => (a > b ? a : b)
