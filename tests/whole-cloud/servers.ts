import type { Compute, Server } from '@synnefo/clients/compute'
import { vi } from 'vitest'

/** Fails at once when the server falls into an error. */
export async function untilStatus(compute: Compute, id: number, status: Server['status'], timeoutMs: number): Promise<void> {
  let last: Server | undefined
  const arrived = async () => {
    last = await compute.showServer(id)
    return last.status === status || last.status === 'ERROR'
  }
  await vi.waitUntil(arrived, { timeout: timeoutMs, interval: 200 })
  if (last!.status !== status) throw new Error(`the server is in error: ${JSON.stringify(await compute.listDiagnostics(id))}`)
}
