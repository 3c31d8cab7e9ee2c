import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type OnTestFinished, temporaryFolder, until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { isRunning } from '../host/process-identity.ts'
import { type Plan, type Program, readJson, type SupervisorState, writeJson } from './plan.ts'
import { type Supervisor, supervise } from './supervise.ts'

const sleeper: Program = {
  name: 'sleeper',
  command: ['sleep', '600'],
  environment: { PATH: process.env['PATH']! },
  stopSignal: 'SIGTERM',
  stopSeconds: 5,
}

async function makePlan(onTestFinished: OnTestFinished, ...programs: Program[]): Promise<Plan> {
  const folder = await temporaryFolder(onTestFinished)
  await mkdir(join(folder, 'logs'))
  return {
    version: '1',
    programs,
    logFolder: join(folder, 'logs'),
    stateFile: join(folder, 'state.json'),
    lockFile: join(folder, 'lock'),
  }
}

async function start(onTestFinished: OnTestFinished, plan: Plan): Promise<Supervisor> {
  const supervisor = await supervise(plan, () => {})
  onTestFinished(() => supervisor.stop())
  return supervisor
}

const programOf = (plan: Plan, name: string) =>
  readJson<SupervisorState>(plan.stateFile)?.programs.find((program) => program.name === name)

const running = (plan: Plan, name: string) =>
  until(() => {
    const found = programOf(plan, name)?.process
    return found && isRunning(found) ? found : undefined
  })

test('a program that ends is started again', async ({ onTestFinished }) => {
  const plan = await makePlan(onTestFinished, sleeper)
  await start(onTestFinished, plan)
  const first = await running(plan, 'sleeper')
  process.kill(first.pid, 'SIGKILL')
  const second = await until(() => {
    const found = programOf(plan, 'sleeper')
    return found?.restarts === 1 && found.process ? found : undefined
  })
  expect(second.process!.pid).not.toBe(first.pid)
  expect(second.lastEnd).toBe('SIGKILL')
})

test('a program that cannot be started is told and tried again', async ({ onTestFinished }) => {
  const plan = await makePlan(onTestFinished, { ...sleeper, command: ['/nowhere/program'] })
  await start(onTestFinished, plan)
  await until(() => (programOf(plan, 'sleeper')?.restarts ?? 0) >= 1)
  expect(programOf(plan, 'sleeper')!.lastEnd).toContain('ENOENT')
})

test('programs are stopped last started first, and killed when they do not end', async ({ onTestFinished }) => {
  const told = (name: string, stopSeconds: number, script: string): Program => {
    return { ...sleeper, name, command: ['sh', '-c', script], stopSeconds }
  }
  const quick = told('quick', 100, 'trap "echo ended; exit" TERM; echo ready; while :; do sleep 0.05; done')
  const deaf = told('deaf', 1, 'trap "" TERM; echo ready; while :; do sleep 0.05; done')
  const plan = await makePlan(onTestFinished, quick, deaf)
  const supervisor = await start(onTestFinished, plan)
  const log = (name: string) => readFileSync(join(plan.logFolder, `${name}.log`), 'utf8')
  await until(() => log('quick').includes('ready') && log('deaf').includes('ready'))
  const [one, two] = [await running(plan, 'quick'), await running(plan, 'deaf')]
  const stopped = supervisor.stop()
  await until(() => !isRunning(two))
  await stopped
  expect(isRunning(one)).toBe(false)
  expect(log('quick')).toContain('ended')
  expect(programOf(plan, 'deaf')!.restarts).toBe(0)
})

/** What a supervisor that was killed leaves behind: its state file, and programs that run on. */
async function leaveBehind(onTestFinished: OnTestFinished, plan: Plan) {
  const supervisor = await start(onTestFinished, plan)
  const identity = await running(plan, 'sleeper')
  const state = readJson<SupervisorState>(plan.stateFile)!
  return { supervisor, identity, restore: () => writeJson(plan.stateFile, state) }
}

test('the next supervisor takes over what runs under the same plan', async ({ onTestFinished }) => {
  const plan = await makePlan(onTestFinished, sleeper)
  const { identity, restore } = await leaveBehind(onTestFinished, plan)
  restore()
  await start(onTestFinished, plan)
  expect((await running(plan, 'sleeper')).pid).toBe(identity.pid)
})

test('the next supervisor ends what runs under another plan', async ({ onTestFinished }) => {
  const plan = await makePlan(onTestFinished, { ...sleeper, command: ['sh', '-c', 'exec sleep 600'] })
  const { identity } = await leaveBehind(onTestFinished, plan)
  await start(onTestFinished, { ...plan, stateFile: plan.stateFile, version: '2' })
  expect(isRunning(identity)).toBe(false)
  await until(() => readJson<SupervisorState>(plan.stateFile)?.version === '2')
})
