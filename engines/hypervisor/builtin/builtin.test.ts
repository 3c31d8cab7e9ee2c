import { hypervisorContract } from '../contract.ts'
import { openHost } from './host.ts'
import { openTestHost } from './testing.ts'

hypervisorContract('built-in with QEMU', async (onTestFinished) => {
  const host = await openTestHost(onTestFinished)
  let freeBytes: { ram?: number; disk?: number } = {}
  const facts = openHost({ diskFolder: host.folder })
  const meagreHost = {
    ...facts,
    async availableRamBytes() {
      const free = freeBytes.ram ?? (await facts.availableRamBytes())
      freeBytes = { ...freeBytes, ram: undefined }
      return free
    },
    async diskSpace() {
      const space = await facts.diskSpace()
      const free = freeBytes.disk ?? space.freeBytes
      freeBytes = { ...freeBytes, disk: undefined }
      return { ...space, freeBytes: free }
    },
  }
  const hypervisor = await host.open({ host: meagreHost })
  return {
    hypervisor,
    spec: host.spec,
    failNextCreate: () => {
      freeBytes = { disk: 0 }
    },
    failNextStart: () => {
      freeBytes = { ram: 0 }
    },
    async die(name) {
      process.kill((await host.pids()).get(name)!, 'SIGKILL')
    },
    async reopen() {
      await hypervisor.close()
      return host.open({ host: meagreHost })
    },
  }
})
