import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BackendUnavailable } from '@synnefo/engine-hypervisor'
import { waitForLock } from '@synnefo/lib/file-lock'
import { findHome, type Home, removeRunFolder } from '../host/folders.ts'
import { machinesRun, stopMachines } from '../machines.ts'
import type { Verb } from '../main.ts'
import { Refusal } from '../refusal.ts'
import { findRunning, stopRunning } from '../running.ts'

export const verb: Verb = {
  usage: '[--servers]\n\n  --servers  shut the machines down too; the next `up` starts them again',
  options: { servers: { type: 'boolean' } },
  async run({ servers }) {
    const home = findHome()
    if (!existsSync(home.state)) {
      console.log(`There is no cloud in ${home.folder}.`)
      return 0
    }
    const lock = await waitForLock(join(home.state, 'up.lock'), () =>
      console.error('synnefo: waiting for another `up` or `down`'),
    )
    try {
      await stop(home, servers === true)
    } finally {
      lock.release()
    }
    return 0
  },
}

async function stop(home: Home, servers: boolean): Promise<void> {
  const running = findRunning(home)
  if (servers && machinesRun(home)) {
    if (!running) throw new Refusal('machines run, but nothing that could shut them down', 'start the cloud first: ./synnefo up')
    console.error('synnefo: shutting the machines down')
    await stopMachines(home, running.plan).catch((error) => {
      if (!(error instanceof BackendUnavailable)) throw error
      throw new Refusal('the machines cannot be shut down: the node does not answer', 'see why with: ./synnefo logs node')
    })
  }
  if (running) await stopRunning(running)
  console.log(running ? 'Synnefo is down.' : 'Synnefo is not running.')
  // Machines keep their sockets, and the next `up` finds them by these.
  if (machinesRun(home)) console.log('Its machines run on; ./synnefo up takes care of them again.')
  else removeRunFolder(home)
}
