// `test`: every check and every test, with one closing line of our own that counts them all.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { checkout } from '../host/checkout.ts'
import { ensurePrograms, needs } from '../host/debian-packages.ts'
import { runProgram } from '../host/run-program.ts'
import type { Verb } from '../main.ts'
import { readJson } from '../supervisor/plan.ts'
import { TALLY_FILE, type Tally } from '../testing/tally.ts'

const CHECKS: { name: string; command: string[] }[] = [
  { name: 'types', command: ['typescript/bin/tsc', '--noEmit', '-p', '.'] },
  { name: 'types of the web page', command: ['typescript/bin/tsc', '--noEmit', '-p', 'apps/web'] },
  { name: 'format and lint', command: ['@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'dead code', command: ['knip/bin/knip.js', '--no-progress'] },
]

export const verb: Verb = {
  usage: '[PATH...]\n\nWith paths, only the tests in files whose path contains one of them; without, all checks and all tests.',
  options: {},
  words: true,
  async run(_options, paths) {
    ensurePrograms(needs.test, (line) => console.error(`synnefo: ${line}`))
    const tally: Tally = { passed: 0, failed: 0 }
    if (paths.length === 0) {
      for (const { name, command } of CHECKS) add(tally, await check(name, command))
    }
    add(tally, await runTests(paths))
    console.log(`${tally.passed} passed, ${tally.failed} failed`)
    return tally.failed === 0 && tally.passed > 0 ? 0 : 1
  },
}

function add(tally: Tally, { passed, failed }: Tally): void {
  tally.passed += passed
  tally.failed += failed
}

async function check(name: string, command: string[]): Promise<Tally> {
  const startedMs = performance.now()
  const passed = (await run(command)) === 0
  console.log(`${passed ? '✓' : '✗'} ${name} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`)
  return { passed: Number(passed), failed: Number(!passed) }
}

async function runTests(paths: string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'synnefo-test-'))
  try {
    const file = join(folder, 'tally.json')
    const reporter = join(import.meta.dirname, '../testing/tally.ts')
    const code = await run(['vitest/vitest.mjs', 'run', '--reporter=default', `--reporter=${reporter}`, ...paths], {
      [TALLY_FILE]: file,
    })
    const tally = existsSync(file) ? readJson<Tally>(file) : undefined
    if (!tally) return { passed: 0, failed: 1 } // vitest itself ended early
    return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a program of a dependency by the pinned Node.js, which the programs that tests start find as `node`, too. */
function run([script, ...words]: string[], environment: Record<string, string> = {}): Promise<number> {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const env = { ...process.env, PATH: path, ...environment }
  return runProgram([process.execPath, join(checkout, 'node_modules', script!), ...words], { cwd: checkout, env })
}
