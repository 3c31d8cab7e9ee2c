// How long it takes to make and remove ports, on a host of its own: node engines/virtual-network/bench.ts [ports]

import { portOn, publicNetwork } from './contract-fixtures.ts'
import { openStage } from './namespace/testing/stage.ts'

const endings: (() => unknown)[] = []
const stage = await openStage((end) => void endings.push(end as () => unknown), { rootless: process.argv.includes('--rootless') })
const { network } = await stage.openProcess({ careEveryMs: 3_600_000 })
const count = Number(process.argv[2] ?? 200)
const ports = Array.from({ length: count }, (_, index) => portOn(publicNetwork, index + 2))

async function measured(what: string, work: (port: (typeof ports)[number]) => Promise<unknown>): Promise<void> {
  const durations: number[] = []
  for (const port of ports) {
    const start = performance.now()
    await work(port)
    durations.push(performance.now() - start)
  }
  durations.sort((one, other) => one - other)
  const at = (share: number) => durations[Math.min(count - 1, Math.floor(count * share))]?.toFixed(1)
  console.log(`${what}: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms (${count} ports)`)
}

await network.ensureNetwork(publicNetwork)
await measured('ensurePort, new', (port) => network.ensurePort(port))
await measured('ensurePort, again', (port) => network.ensurePort(port))
await measured('removePort', (port) => network.removePort(port.name))
for (const end of endings.reverse()) await end()
process.exit()
