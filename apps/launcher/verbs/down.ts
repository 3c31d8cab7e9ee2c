import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { waitForLock } from '../host/file-lock.ts'
import { findHome, removeRunFolder } from '../host/folders.ts'
import type { Verb } from '../main.ts'
import { findRunning, stopRunning } from '../running.ts'

export const verb: Verb = {
  usage: '[--servers]\n\n  --servers  shut the machines down too; the next `up` starts them again',
  options: { servers: { type: 'boolean' } },
  async run() {
    await stopCloud()
    return 0
  },
}

export async function stopCloud(): Promise<void> {
  const home = findHome()
  if (!existsSync(home.state)) return console.log(`There is no cloud in ${home.folder}.`)
  const lock = waitForLock(join(home.state, 'up.lock'), () => console.error('synnefo: waiting for another `up` or `down`'))
  try {
    const running = findRunning(home)
    if (!running) return console.log('Synnefo is not running.')
    await stopRunning(running)
    removeRunFolder(home)
    console.log('Synnefo is down.')
  } finally {
    lock.release()
  }
}
