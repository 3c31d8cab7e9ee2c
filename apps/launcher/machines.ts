// The machines of a cloud: QEMU processes that are nobody's children and outlive everything else.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openRemote } from '@synnefo/engine-hypervisor'
import type { CloudPlan } from './cloud-plan.ts'
import { findRunFolder, type Home } from './host/folders.ts'
import { commandLine } from './host/process-memory.ts'
import { readJson, writeJson } from './supervisor/plan.ts'

/** Asked to power off, a guest has this long. */
const GRACE_SECONDS = 60

const memoryOf = (home: Home) => join(home.state, 'machines-to-start.json')

/** Whether a machine of this home runs, also when nothing else of it does: its sockets lie in the run folder. */
export function machinesRun(home: Home): boolean {
  const folder = findRunFolder(home)
  if (!folder) return false
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false
    const [program = '', ...words] = commandLine(Number(entry))
    return program.includes('qemu-system') && words.some((word) => word.includes(`${folder}/`))
  })
}

/** Shuts all machines down, guests first asked, and remembers which ran. */
export async function stopMachines(home: Home, plan: CloudPlan): Promise<number> {
  const hypervisor = openRemote({ socketPath: plan.nodeSocket })
  try {
    const running = await namesRunning(hypervisor)
    writeJson(memoryOf(home), [...new Set([...remembered(home), ...running])])
    const intent = intentOf('down')
    for (const name of running) await hypervisor.stop(name, GRACE_SECONDS, `${name}-${intent}`)
    while ((await namesRunning(hypervisor)).some((name) => running.includes(name))) await delay(200)
    return running.length
  } finally {
    await hypervisor.close()
  }
}

/** Starts the machines that `down --servers` stopped and that are still there. */
export async function startMachines(home: Home, plan: CloudPlan): Promise<void> {
  const names = remembered(home)
  if (names.length === 0) return
  const hypervisor = openRemote({ socketPath: plan.nodeSocket })
  try {
    const known = await hypervisor.list()
    const intent = intentOf('up')
    for (const name of names) if (known.has(name)) await hypervisor.start(name, `${name}-${intent}`)
    writeJson(memoryOf(home), [])
  } finally {
    await hypervisor.close()
  }
}

async function namesRunning(hypervisor: ReturnType<typeof openRemote>): Promise<string[]> {
  return [...(await hypervisor.list()).values()].filter(({ power }) => power === 'on').map(({ name }) => name)
}

const remembered = (home: Home) => readJson<string[]>(memoryOf(home)) ?? []

/** A new one each time: nobody repeats it. */
const intentOf = (verb: string) => `${verb}-${Date.now().toString(36)}`
