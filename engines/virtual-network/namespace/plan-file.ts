import { join } from 'node:path'
import type { NetworkSpec, PortSpec } from '../interface.ts'
import { EMPTY_PLAN, type Plan } from '../plan.ts'
import { readIfThere, writeDurably } from './durable-file.ts'

/** As the file holds it. `version` tells a later release how to read it. */
interface PlanFile {
  version: 1
  networks: NetworkSpec[]
  ports: PortSpec[]
}

export function planPath(folder: string): string {
  return join(folder, 'plan.json')
}

export async function readPlan(folder: string): Promise<Plan> {
  const text = await readIfThere(planPath(folder))
  if (text === undefined) return EMPTY_PLAN
  const { networks, ports } = JSON.parse(text) as PlanFile
  return {
    networks: new Map(networks.map((network) => [network.name, network])),
    ports: new Map(ports.map((port) => [port.name, port])),
  }
}

export async function writePlan(folder: string, plan: Plan): Promise<void> {
  const file: PlanFile = { version: 1, networks: [...plan.networks.values()], ports: [...plan.ports.values()] }
  await writeDurably(planPath(folder), JSON.stringify(file))
}
