// The little subnet between the host and the data plane: one address on each side.

import { addressAfter, type Block, overlap, parseBlock } from '../addresses.ts'
import { shortHash } from '../device-names.ts'
import { HostNotReady } from '../errors.ts'

export interface Transfer {
  cidr: string
  /** The host's end. */
  outer: string
  /** The data plane's end, under which everything leaves it. */
  inner: string
}

// Ranges that nobody is given addresses from: benchmarking, link-local, and a corner of 10/8 when both are in use.
const POOLS = ['198.19.0.0', '169.254.64.0', '10.254.0.0']
const BLOCKS_PER_POOL = 4096
const BLOCK_ADDRESSES = 4

/**
 * The current one while it is free, because connections of guests depend on it; otherwise the first free block, looked
 * for from a place that differs from cloud to cloud.
 */
export function chooseTransfer(taken: readonly Block[], cloudId: string, current?: Transfer): Transfer {
  if (current && isFree(current, taken)) return current
  const seed = Number.parseInt(shortHash(cloudId, 8), 16)
  for (const pool of POOLS) {
    for (let step = 0; step < BLOCKS_PER_POOL; step++) {
      const transfer = transferAt(addressAfter(pool, ((seed + step) % BLOCKS_PER_POOL) * BLOCK_ADDRESSES))
      if (isFree(transfer, taken)) return transfer
    }
  }
  throw new HostNotReady('No subnet is free between host and guests: the routes of this host cover all that could be used')
}

function isFree(transfer: Transfer, taken: readonly Block[]): boolean {
  return !taken.some((block) => overlap(block, parseBlock(transfer.cidr) as Block))
}

function transferAt(first: string): Transfer {
  return { cidr: `${first}/30`, outer: addressAfter(first, 1), inner: addressAfter(first, 2) }
}
