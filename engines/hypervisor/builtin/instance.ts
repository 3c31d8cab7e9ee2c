// One instance: notes what is asked of it, and takes one step after another until it is so. Each step starts with a
// look and can be repeated, so a process that is killed in the middle loses nothing: its successor looks and goes on.

import type { Duplex } from 'node:stream'
import type { ImageDeploy } from '@synnefo/engine-image-deploy'
import { HostNotReady, type VirtualNetwork } from '@synnefo/engine-virtual-network'
import type { Volumes } from '@synnefo/engine-volumes'
import type { Log } from '@synnefo/lib/log'
import { type ConsoleKind, type InstanceFacts, InstanceUnknown, MachineOff } from '../interface.ts'
import type { Creation } from '../spec-json.ts'
import { deployNics } from './deploy-nics.ts'
import type { Host } from './host.ts'
import type { Acceleration } from './machine/arguments.ts'
import { type Machine, openMachine } from './machine/machine.ts'
import type { MemoryLedger } from './memory-ledger.ts'
import { type Look, nextStep, type Step } from './next-step.ts'
import { addWish, currentWish, type InstanceRecord, type Shelf, type Wish } from './records.ts'
import { causeOfDeath, DISK_TROUBLE, inWords, NO_DISK_SPACE, NOT_MADE, Refusal } from './words.ts'

/** What all instances of a host share. */
export interface Workshop {
  shelf: Shelf
  host: Host
  memory: MemoryLedger
  volumes: Volumes
  network: VirtualNetwork
  deploy: ImageDeploy
  log: Log
  runFolder: string
  qemuUser?: { uid: number; gid: number }
  /** Where QEMU is and how guests run with it; refuses when it is missing. */
  emulator(): Promise<{ qemu: string; acceleration: Acceleration }>
  onChange(): void
  onGone(name: string): void
}

export interface Instance {
  readonly record: InstanceRecord
  facts(): InstanceFacts
  /** Notes a wish durably; one that is known already changes nothing. */
  wish(wish: Omit<Wish, 'state'>): Promise<void>
  /** Notes a wish that cannot come true. */
  refuse(wish: Omit<Wish, 'state'>, reason: string): Promise<void>
  /** Has a look and does what is to be done. */
  wake(): void
  openConsole(kind: ConsoleKind): Promise<Duplex>
  screenshot(): Promise<Buffer>
  /** Stops working on it; the machine runs on. */
  close(): Promise<void>
}

/** The power button is pressed again: a guest that was booting did not hear it. */
const PRESS_AGAIN_MS = 5_000
const RESUME_AGAIN_MS = 10_000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 30_000
/** A QEMU that says nothing for so long while it ought to start is given up. */
const MAX_SILENCE_MS = 60_000
/** Below this, no new disk is begun. */
const MIN_FREE_DISK_BYTES = 128 * 2 ** 20

/** When one of these fails, so does the wish; the others are tried again. */
const FATAL: ReadonlySet<Step> = new Set(['make-disks', 'customise', 'power-on', 'release-brake'])

export function openInstance(workshop: Workshop, found: { record: InstanceRecord; creation?: Creation }): Instance {
  const { shelf, host, memory, volumes, network } = workshop
  const { name } = found.record
  const log = workshop.log.child({ instance: name })
  let record = found.record
  let creation = found.creation
  let seen: Pick<Look, 'process' | 'status'> = {}
  let served = false
  let progress: { percent: number; step: string } | undefined
  let silentSince: number | undefined
  let diskFault: string | undefined
  let gone = false
  let closed = false
  let working: Promise<void> | undefined
  let again = false
  let pressedAt = 0
  let retryMs = FIRST_RETRY_MS
  let alarm: NodeJS.Timeout | undefined
  let lastChange: Promise<unknown> = Promise.resolve()
  const stopWorking = new AbortController()
  let stopCreating = new AbortController()

  const machine: Machine = openMachine({
    name,
    runFolder: workshop.runFolder,
    serialLog: shelf.serialLogOf(name),
    user: workshop.qemuUser,
    onEvent: () => wake(),
  })

  // --- what is remembered -------------------------------------------------------------------------------------

  /** Changes the record; others see the change when it is on disk. */
  function change(mutate: (record: InstanceRecord) => void): Promise<void> {
    const turn = lastChange.then(async () => {
      if (gone) return
      const next = structuredClone(record)
      mutate(next)
      await shelf.save(next)
      record = next
      workshop.onChange()
    })
    lastChange = turn.catch(() => {})
    return turn
  }

  function settle(
    intent: string,
    outcome: { state: 'done' } | { state: 'failed'; reason: string },
    also?: (record: InstanceRecord) => void,
  ) {
    return change((record) => {
      const wish = record.wishes.find((wish) => wish.intent === intent)
      if (wish?.state === 'running') Object.assign(wish, outcome) // a removal may have overtaken it
      also?.(record)
    })
  }

  async function forgetCreation() {
    await shelf.removeCreation(name)
    creation = undefined
    progress = undefined
  }

  // --- the loop -----------------------------------------------------------------------------------------------

  function wake() {
    again = true
    if (closed || gone) return
    working ??= work().finally(() => {
      working = undefined
      if (again && !closed && !gone) wake()
    })
  }

  async function work() {
    clearTimeout(alarm)
    while (again && !closed && !gone) {
      again = false
      let step: Step | undefined
      const asked = currentWish(record)
      try {
        const look = await lookAround()
        step = nextStep(record, look)
        if (step !== 'rest' && step !== 'await-off') log.debug({ step, intent: currentWish(record)?.intent }, 'next step')
        await take(step, currentWish(record))
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        if (closed) return
        if (currentWish(record)?.intent !== asked?.intent)
          again = true // something else is wanted by now
        else if (step !== undefined && FATAL.has(step)) await giveUp(asked, error).catch((failure) => retryLater(step, failure))
        else retryLater(step, error)
      }
    }
  }

  function retryLater(step: Step | undefined, error: unknown) {
    log.warn({ step, error, retryMs }, 'a step failed and is tried again')
    wakeIn(retryMs)
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
  }

  function wakeIn(ms: number) {
    clearTimeout(alarm)
    alarm = setTimeout(wake, Math.max(0, ms)).unref()
  }

  async function lookAround(): Promise<Look> {
    const before = powerSeen()
    seen = await machine.look()
    if (seen.status !== 'unreachable') silentSince = undefined
    else silentSince ??= Date.now()
    diskFault = seen.status === 'io-error' ? await faultOfDisks() : undefined
    if (seen.process !== undefined) memory.note(name, record.ramBytes, seen.process.pid)
    if (powerSeen() !== before) workshop.onChange()
    return {
      ...seen,
      silentForLong: silentSince !== undefined && Date.now() - silentSince > MAX_SILENCE_MS,
      served,
      creationLeft: creation !== undefined,
      bootId: host.bootId,
      nowMs: Date.now(),
    }
  }

  function powerSeen() {
    return `${seen.process?.pid} ${seen.status}`
  }

  /** The step could not be taken: its wish fails, and what it began is undone as far as nobody needs it. */
  async function giveUp(wish: Wish | undefined, error: unknown) {
    const reason = inWords(error)
    log.warn({ intent: wish?.intent, error }, 'given up')
    await putAway()
    if (wish?.action === 'create') await forgetCreation()
    if (wish === undefined) {
      await change((record) => {
        record.wanted = 'off'
        record.stoppedBecause = `The host was restarted, and the machine did not start again: ${reason}`
      })
    } else {
      await settle(wish.intent, { state: 'failed', reason }, (record) => {
        record.wanted = 'off'
      })
    }
    again = true
  }

  // --- the steps ----------------------------------------------------------------------------------------------

  async function take(step: Step, wish: Wish | undefined): Promise<void> {
    again = true // after a step comes a look, except where one waits
    switch (step) {
      case 'make-disks':
        return makeDisks()
      case 'customise':
        return customise()
      case 'serve':
        return serveDisks().then(() => {})
      case 'power-on':
        await powerOn()
        return wish === undefined ? undefined : finish(wish)
      case 'release-brake':
      case 'resume':
        await machine.go()
        if (step === 'resume') {
          again = false // QEMU tells whether that helped; a failure stops it once more
          wakeIn(RESUME_AGAIN_MS)
        }
        return
      case 'begin-reboot':
        return change((record) => {
          currentWish(record)!.replaces = seen.process ?? null
        })
      case 'ask-off':
        await change((record) => {
          const wish = currentWish(record)
          if (wish === undefined) return
          wish.cutAt = Date.now() + (wish.graceSeconds ?? 0) * 1000
          if (wish.action === 'stop') record.wanted = 'off'
        })
        if ((wish?.graceSeconds ?? 0) > 0)
          await machine.pressPowerButton().catch((error) => log.warn({ error }, 'the power button is out of order'))
        return
      case 'await-off': {
        again = false
        const leftMs = (wish?.cutAt ?? 0) - Date.now()
        if (Date.now() - pressedAt >= PRESS_AGAIN_MS) await press()
        return wakeIn(Math.min(leftMs, PRESS_AGAIN_MS))
      }
      case 'await-answer':
        again = false
        return wakeIn(FIRST_RETRY_MS)
      case 'cut-power':
        return cutPower(wish)
      case 'demolish':
        return demolish()
      case 'finish':
        return finish(wish!)
      case 'refuse-unmade':
        return settle(wish!.intent, { state: 'failed', reason: NOT_MADE })
      case 'note-death':
        return noteDeath()
      case 'note-running':
        return change((record) => {
          record.ranInBoot = host.bootId
        })
      case 'rest':
        again = false
        return
    }
  }

  async function press() {
    pressedAt = Date.now()
    await machine.pressPowerButton().catch((error) => log.warn({ error }, 'the power button is out of order'))
  }

  async function makeDisks() {
    show(5, 'Making disks')
    if ((await host.diskSpace()).freeBytes < MIN_FREE_DISK_BYTES) throw new Refusal(NO_DISK_SPACE)
    for (const { name, sizeBytes, source } of creation?.disks ?? []) await volumes.create({ name, sizeBytes, source })
    await change((record) => {
      record.disksMade = true
    })
  }

  async function customise() {
    const [disk] = record.disks
    if (creation?.customise !== undefined && disk !== undefined) {
      const job = {
        ...creation.customise,
        disk: { socketPath: await volumes.serve(disk.name), exportName: disk.name },
        nics: deployNics(record.nics),
      }
      let tasks = 0
      show(10, 'Customising')
      const onTask = (task: string) => show(Math.min(85, 15 + 7 * tasks++), task)
      const signal = AbortSignal.any([stopWorking.signal, stopCreating.signal])
      const { warnings } = await workshop.deploy.deploy(job, { signal, onTask })
      if (warnings.length > 0) log.info({ warnings }, 'customised with warnings')
    }
    await forgetCreation()
  }

  async function powerOn() {
    if (!record.made) show(90, 'Starting')
    const { qemu, acceleration } = await workshop.emulator()
    await memory.promise(name, record.ramBytes)
    const disks = await serveDisks()
    const nics = await plugCables()
    const { cpus, ramBytes } = record
    await machine.powerOn({ cpus, ramBytes, disks, nics, acceleration }, { qemu, enter: network.enter() })
    seen = await machine.look()
    progress = undefined
    if (currentWish(record) === undefined) await change((record) => running(record))
  }

  async function serveDisks() {
    const disks: { name: string; socketPath: string }[] = []
    for (const { name } of record.disks) disks.push({ name, socketPath: await volumes.serve(name) })
    served = true
    return disks
  }

  async function plugCables() {
    const nics: { mac: string; device?: string }[] = []
    for (const { networkSpec, ...port } of record.nics) {
      await network.ensureNetwork(networkSpec)
      const { device } = await network.ensurePort(port)
      nics.push({ mac: port.mac, device: network.can.taps ? device : undefined })
    }
    return nics
  }

  async function finish(wish: Wish) {
    const off = wish.action === 'stop'
    if (off) await putAway()
    await settle(wish.intent, { state: 'done' }, (record) => {
      if (off) {
        record.wanted = 'off'
        record.stoppedBecause = undefined
      } else {
        record.made = true
        running(record)
      }
    })
  }

  function running(record: InstanceRecord) {
    record.wanted = 'on'
    record.ranInBoot = host.bootId
    record.stoppedBecause = undefined
  }

  async function cutPower(wish: Wish | undefined) {
    await machine.cutPower()
    seen = {}
    if (wish !== undefined) return // it looks again and sees what is left to do
    await putAway() // the guest powered off by itself
    await change((record) => {
      record.wanted = 'off'
    })
  }

  async function noteDeath() {
    const { pid, words } = await machine.remains()
    const reason = causeOfDeath(words, await host.endedForMemory(pid))
    log.warn({ pid, words, reason }, 'a machine has died')
    await putAway()
    await change((record) => {
      record.wanted = 'off'
      record.stoppedBecause = reason
    })
  }

  /** Lets go of what only a running machine needs. */
  async function putAway() {
    if (seen.process !== undefined) await machine.cutPower()
    seen = {}
    memory.release(name)
    served = false
    for (const disk of record.disks) {
      await volumes.release(disk.name).catch((error) => log.error({ error, disk: disk.name }, 'a disk could not be flushed'))
    }
  }

  async function demolish() {
    await putAway()
    for (const disk of record.disks) await volumes.remove(disk.name)
    for (const nic of record.nics) await unplug(nic.name)
    await machine.sweep()
    await lastChange
    gone = true
    await shelf.remove(name).catch((error) => {
      gone = false
      throw error
    })
    workshop.onGone(name)
  }

  /** On a host where no network can be, a server can be removed all the same; its ports are swept when one can. */
  async function unplug(port: string) {
    try {
      await network.removePort(port)
    } catch (error) {
      if (!(error instanceof HostNotReady)) throw error
      log.warn({ error, port }, 'a port is left behind')
    }
  }

  // --- what others see ----------------------------------------------------------------------------------------

  function show(percent: number, step: string) {
    progress = { percent, step }
    workshop.onChange()
  }

  async function faultOfDisks(): Promise<string> {
    const ours = new Set(record.disks.map(({ name }) => name))
    const faults = (await volumes.list().catch(() => [])).filter(({ name, fault }) => ours.has(name) && fault !== undefined)
    return faults[0]?.fault ?? DISK_TROUBLE
  }

  const isOn = () => seen.process !== undefined && seen.status !== 'shutdown'

  function facts(): InstanceFacts {
    const { cpus, ramBytes, disks, nics, wishes, made, stoppedBecause } = record
    return {
      name,
      // A machine that has stopped by itself counts as on until the reason is noted: both are seen together.
      ...(made && { power: isOn() || record.wanted === 'on' ? 'on' : 'off' }),
      cpus,
      ramBytes,
      disks,
      nics: nics.map(({ name, mac }) => ({ name, mac })),
      intents: new Map(wishes.map(({ intent, state, reason }) => [intent, { state, ...(reason !== undefined && { reason }) }])),
      ...(progress && !made && { progressPercent: progress.percent, progressStep: progress.step }),
      ...(stoppedBecause !== undefined && { stoppedBecause }),
      ...(diskFault !== undefined && { pausedBecause: diskFault }),
    }
  }

  async function requireOn() {
    if (gone) throw new InstanceUnknown(name)
    if (!isOn()) seen = await machine.look() // the last look may be old, or still to come
    if (!isOn()) throw new MachineOff(name)
  }

  async function note(wish: Omit<Wish, 'state'>, outcome?: string) {
    if (gone) throw new InstanceUnknown(name)
    await change((record) => {
      if (record.wishes.some(({ intent }) => intent === wish.intent)) return
      addWish(record, wish)
      if (outcome !== undefined) Object.assign(record.wishes.at(-1)!, { state: 'failed', reason: outcome })
    })
  }

  return {
    get record() {
      return record
    },
    facts,
    async wish(wish) {
      await note(wish)
      if (wish.action === 'remove') {
        stopCreating.abort()
        stopCreating = new AbortController()
      }
      wake()
    },
    refuse: (wish, reason) => note(wish, reason),
    wake,
    async openConsole(kind) {
      await requireOn()
      return kind === 'vnc' ? machine.openVnc() : machine.openSerial()
    },
    async screenshot() {
      await requireOn()
      return machine.screenshot()
    },
    async close() {
      closed = true
      clearTimeout(alarm)
      stopWorking.abort()
      machine.close()
      await working
      await lastChange
      machine.close()
    },
  }
}
