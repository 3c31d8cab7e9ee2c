// A process of its own that opens the data plane and does what it is told, one JSON line at a time: tests run it
// inside their own "host", as another user, and kill it.

import { createInterface } from 'node:readline'
import { silentLog } from '@synnefo/lib/log'
import type { VirtualNetwork } from '../../interface.ts'
import { openNamespaceNetwork } from '../index.ts'

export interface Call {
  id: number
  method: 'can' | Exclude<keyof VirtualNetwork, 'can'>
  args: unknown[]
}

export type Answer = { id: number; result?: unknown } | { id: number; error: { name: string; message: string } }

const say = (answer: Answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const failure = (id: number, error: unknown): Answer => {
  const { name, message } = error as Error
  return { id, error: { name, message } }
}

let network: VirtualNetwork
try {
  const options = JSON.parse(process.argv[2] ?? '{}')
  network = await openNamespaceNetwork({ ...options, log: silentLog })
  say({ id: 0 })
} catch (error) {
  say(failure(0, error))
  process.exit(1)
}

createInterface(process.stdin).on('line', async (line) => {
  const { id, method, args } = JSON.parse(line) as Call
  try {
    const call = method === 'can' ? () => network.can : (network[method] as (...all: unknown[]) => unknown)
    say({ id, result: await call(...args) })
  } catch (error) {
    say(failure(id, error))
  }
})
