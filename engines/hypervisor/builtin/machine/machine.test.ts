import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { QEMU } from '../acceleration.ts'
import { machineArguments, machineFiles } from './arguments.ts'
import { launch } from './launch.ts'
import { openMachine } from './machine.ts'
import { findProcesses, killProcess } from './process.ts'

const SPEC = { cpus: 1, ramBytes: 32 * 2 ** 20, disks: [], nics: [], acceleration: 'tcg' } as const

test('a QEMU that a killed predecessor had launched is taken over, however far it has come', { timeout: 300_000 }, async ({
  onTestFinished,
}) => {
  const runFolder = await temporaryFolder(onTestFinished)
  onTestFinished(async () => {
    for (const process of (await findProcesses(runFolder)).values()) await killProcess(process)
  })
  const folder = join(runFolder, 'snf-1')
  const files = machineFiles(folder)
  const args = machineArguments({ ...SPEC, name: 'snf-1', files })
  for (let headStartMs = 0; headStartMs <= 150; headStartMs += 5) {
    const machine = openMachine({ name: 'snf-1', runFolder, serialLog: join(runFolder, 'serial.log'), onEvent: () => {} })
    await launch({ program: QEMU, args, enter: [], files, folder })
    await delay(headStartMs) // how far it has come is the input of this test
    await machine.powerOn(SPEC, { qemu: QEMU, enter: [] })
    expect(await machine.look(), `after ${headStartMs} ms`).toMatchObject({ status: 'running' })
    await machine.cutPower()
  }
})
