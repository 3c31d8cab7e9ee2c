// The supervisor's process: one per home, in a session of its own, started by `up` and ended by SIGTERM.
// It stands on nothing but Node's own modules, so that it stays small.
import { tryLock } from '@synnefo/lib/file-lock'
import { type Plan, readJson } from './plan.ts'
import { supervise } from './supervise.ts'

/** Whoever started us need not try again. */
const NOT_NEEDED = 3

const plan = readJson<Plan>(process.argv[2]!)
if (!plan) throw new Error(`no plan in ${process.argv[2]}`)
const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`)

const lock = tryLock(plan.lockFile)
if (!lock) {
  log('another supervisor is at work for this home')
  process.exit(NOT_NEEDED)
}
const supervisor = await supervise(plan, log)
log(`supervising ${plan.programs.map((program) => program.name).join(', ')}`)

let stopping = false
const stop = async () => {
  if (stopping) return
  stopping = true
  await supervisor.stop()
  log('stopped')
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
