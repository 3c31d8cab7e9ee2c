// Counts what vitest ran, for the closing line of `./synnefo test`. A file that cannot be loaded, a worker that
// dies and an error outside of any test count as failures, so that nothing fails unseen.
import { writeFileSync } from 'node:fs'
import type { Reporter } from 'vitest/node'

export interface Tally {
  passed: number
  failed: number
}

/** Where the counts go. */
export const TALLY_FILE = 'SYNNEFO_TEST_TALLY'

export default class TallyReporter implements Reporter {
  onTestRunEnd: NonNullable<Reporter['onTestRunEnd']> = (modules, unhandledErrors) => {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      const failed = tests.filter((test) => test.result().state === 'failed').length
      tally.passed += tests.filter((test) => test.result().state === 'passed').length
      // Also a file that failed as a whole, and one that never came to its tests.
      tally.failed += failed === 0 && !module.ok() ? 1 : failed
      tally.failed += tests.filter((test) => test.result().state === 'pending').length
    }
    writeFileSync(process.env[TALLY_FILE]!, JSON.stringify(tally))
  }
}
