import { benchIdentity } from '@synnefo/identity/bench'
import { readPlan } from '../cloud-plan.ts'
import { cpuSeconds } from '../host/process-memory.ts'
import type { Figure } from './measure-up.ts'
import { withTemporaryCloud } from './temporary-cloud.ts'

export async function measureIdentity(tell: (line: string) => void): Promise<Figure[]> {
  return withTemporaryCloud(async (cloud) => {
    tell('starting a cloud')
    await cloud.synnefo('up', '--port', '0')
    const { url } = await cloud.signIn()
    const { processes } = await cloud.status()
    const pidOf = (name: string) => processes.find((process) => process.name === name)!.pid
    const servers = [pidOf('cloud'), pidOf('database')]
    return benchIdentity({ url, databaseUrl: readPlan(cloud.home)!.databaseUrl, cpuSeconds: () => cpuSeconds(servers), tell })
  })
}
