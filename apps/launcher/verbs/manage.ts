import { join } from 'node:path'
import { readPlan } from '../cloud-plan.ts'
import { checkout } from '../host/checkout.ts'
import { findHome } from '../host/folders.ts'
import { runProgram } from '../host/run-program.ts'
import type { Delegate } from '../main.ts'

/** The operator's commands, as the user that the cloud runs as. Before the first `up` only their help. */
export const verb: Delegate = {
  async delegate(words) {
    const plan = readPlan(findHome())
    if (!plan) return runProgram([process.execPath, join(checkout, 'apps/manage/main.ts'), '--', ...words])
    const { command, environment } = plan.manage
    return runProgram([...command, ...words], { env: { ...environment, TERM: process.env['TERM'] } })
  },
}
