import { join } from 'node:path'
import { checkout } from '../host/checkout.ts'
import { ensurePrograms, needs } from '../host/debian-packages.ts'
import { runProgram } from '../host/run-program.ts'
import type { Delegate } from '../main.ts'

/** Starter images are built by a program of their own. */
export const verb: Delegate = {
  async delegate(words) {
    if (words[0] === 'build') ensurePrograms(needs.image, (line) => console.error(`synnefo: ${line}`))
    return runProgram([process.execPath, join(checkout, 'apps/starter-images/main.ts'), ...words])
  },
}
