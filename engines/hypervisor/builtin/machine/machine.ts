// One QEMU process: switching it on and off, asking how it is, and its consoles. It knows nothing of what anybody
// wants. Events of QEMU carry no truth here: they say that a look is due.
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { connected } from '../../connected.ts'
import { causeOfFalseStart, Refusal } from '../words.ts'
import { type MachineSpec, machineArguments, machineFiles } from './arguments.ts'
import { lastWords, launch, makeFolderFor } from './launch.ts'
import { findProcess, killProcess, type ProcessId } from './process.ts'
import { connectQmp, type Qmp } from './qmp.ts'
import { connectSerial, type Serial } from './serial.ts'

export interface MachineOptions {
  name: string
  /** Sockets and the pid file go into a folder of the machine's name in here. */
  runFolder: string
  serialLog: string
  user?: { uid: number; gid: number }
  onEvent(event: string): void
}

export interface Machine {
  /** The process, and its state in QMP's words; 'unreachable' when it does not answer. Empty when there is none. */
  look(): Promise<{ process?: ProcessId; status?: string }>
  /** Answers when the guest runs. Fails with a `Refusal` when QEMU does not come up; then nothing is left of it. */
  powerOn(spec: Omit<MachineSpec, 'name' | 'files' | 'user'>, start: { qemu: string; enter: readonly string[] }): Promise<void>
  /** Lets the guest run (on). */
  go(): Promise<void>
  pressPowerButton(): Promise<void>
  /** Ends the process; answers when it is gone. */
  cutPower(): Promise<void>
  openVnc(): Promise<Duplex>
  openSerial(): Promise<Duplex>
  screenshot(): Promise<Buffer>
  /** What the process said last, and its pid as far as it is known: for finding out why it is gone. */
  remains(): Promise<{ pid: number; words: string }>
  /** Removes what it left in the run folder. */
  sweep(): Promise<void>
  /** Lets go; the process runs on. */
  close(): void
}

/** From the start of QEMU to its greeting. It may have to wait for its disks first. */
const GREETING_MS = 30_000
const MAX_PICTURE_BYTES = 64 * 2 ** 20

export function openMachine({ name, runFolder, serialLog, user, onEvent }: MachineOptions): Machine {
  const folder = join(runFolder, name)
  const screenFolder = `${folder}.screen` // of its own, because QEMU itself writes there
  const files = machineFiles(folder)
  let qmp: Qmp | undefined
  let attaching: Promise<Qmp> | undefined
  let serial: Serial | undefined

  function disconnect() {
    qmp?.close()
    serial?.close()
    qmp = serial = undefined
  }

  /** QEMU talks to one client at a time: all of us share one connection, also while it is made. */
  async function attach(): Promise<Qmp> {
    if (qmp !== undefined) return qmp
    attaching ??= connectAll().finally(() => {
      attaching = undefined
    })
    return attaching
  }

  async function connectAll(): Promise<Qmp> {
    const fresh = await connectQmp(files.qmp, {
      onEvent,
      onClose() {
        if (qmp === fresh) disconnect()
        onEvent('CLOSED')
      },
    })
    qmp = fresh
    serial ??= await connectSerial(files.serial, serialLog)
    return fresh
  }

  /** Tries until QEMU greets or its process is over. */
  async function attachToStarting(ended: Promise<void>): Promise<void> {
    const giveUpAt = Date.now() + GREETING_MS
    let over = false
    void ended.then(() => {
      over = true
    })
    for (;;) {
      try {
        await attach()
        return
      } catch (cause) {
        if (over || Date.now() > giveUpAt) throw new Refusal(causeOfFalseStart(await lastWords(files)), { cause })
      }
      await Promise.race([ended, delay(10)])
    }
  }

  /** Consoles of a fresh machine show what it says; what its predecessor said last stays for whoever looks into it. */
  async function setSerialLogAside() {
    await rename(serialLog, `${serialLog}.before`).catch(() => {}) // nothing was said
  }

  async function ask(command: string, args?: object): Promise<unknown> {
    return (await attach()).execute(command, args)
  }

  async function look() {
    const process = await findProcess(files.pidFile)
    if (process === undefined) {
      disconnect()
      return {}
    }
    try {
      const { status } = (await ask('query-status')) as { status: string }
      return { process, status }
    } catch {
      return { process, status: 'unreachable' }
    }
  }

  /** One that was on its way already, started by our predecessor, holds the pid file: it is as good as ours, if it comes up. */
  async function takeOver(giveUpAt: number): Promise<boolean> {
    do {
      try {
        await ask('cont')
        return true
      } catch {
        await delay(10)
      }
    } while ((await findProcess(files.pidFile)) !== undefined && Date.now() < giveUpAt)
    return false
  }

  async function cutPower() {
    const process = await findProcess(files.pidFile)
    if (process !== undefined) await killProcess(process)
    disconnect()
  }

  return {
    look,
    async powerOn(spec, { qemu, enter }) {
      disconnect()
      await setSerialLogAside()
      await makeFolderFor(user, screenFolder)
      const args = machineArguments({ ...spec, name, files, user })
      const giveUpAt = Date.now() + GREETING_MS
      for (;;) {
        const { ended } = await launch({ program: qemu, args, enter, files, folder })
        try {
          await attachToStarting(ended)
          await ask('cont')
          return
        } catch (error) {
          const isAnother = /pid file/i.test(await lastWords(files))
          if (isAnother && (await takeOver(giveUpAt))) return
          if (isAnother && Date.now() < giveUpAt) continue // the other one came to nothing
          await cutPower()
          throw error
        }
      }
    },
    go: async () => void (await ask('cont')),
    pressPowerButton: async () => void (await ask('system_powerdown')),
    cutPower,
    openVnc: () => connected(files.vnc),
    async openSerial() {
      await attach()
      return serial!.open()
    },
    async screenshot() {
      const path = join(screenFolder, randomUUID())
      try {
        await ask('screendump', { filename: path, format: 'png' })
        return await readPicture(path, user?.uid)
      } finally {
        await rm(path, { force: true })
      }
    },
    async remains() {
      const pid = Number(await readFile(files.pidFile, 'utf8').catch(() => 0))
      return { pid, words: await lastWords(files) }
    },
    async sweep() {
      await rm(folder, { recursive: true, force: true })
      await rm(screenFolder, { recursive: true, force: true })
    },
    close: disconnect,
  }
}

/** Reads what QEMU wrote, and nothing that a QEMU gone bad could have put in its place. */
async function readPicture(path: string, uid: number | undefined): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const facts = await file.stat()
    const genuine =
      facts.isFile() && facts.nlink === 1 && facts.size <= MAX_PICTURE_BYTES && (uid === undefined || facts.uid === uid)
    if (!genuine) throw new Error('the picture of the screen is not what QEMU should have written')
    return await file.readFile()
  } finally {
    await file.close()
  }
}
