// A hypervisor without machines: it keeps every promise of the interface in memory, for tests and for trying the
// cloud out where QEMU cannot run. Wishes come true at once, after a delay, or when the test says so; the faults of
// real life can be provoked.
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import {
  BackendUnavailable,
  type Capacity,
  type ConsoleKind,
  type Hypervisor,
  INSTANCE_NAME,
  type InstanceFacts,
  type InstanceSpec,
  InstanceUnknown,
  type IntentFacts,
  MachineOff,
  type Power,
} from '../interface.ts'
import { remember } from '../memory.ts'
import { openSerial, openVnc } from './consoles.ts'
import { testPicturePng } from './picture.ts'

export interface SimulatedOptions {
  /** How long a wish takes: 0 is done when the call returns, Infinity waits for `finish()`. */
  delayMs?: number
  capacity?: Partial<Capacity>
}

export interface Simulated extends Hypervisor {
  /** Ends everything that is under way or waits, now. */
  finish(): void
  /** The next creation (or start) fails with these words. */
  failNext(action: 'create' | 'start', reason: string): void
  /** The machine stops by itself, as if its process had been killed. */
  die(name: string, reason: string): void
  /** While true, nothing can be asked. */
  setUnavailable(unavailable: boolean): void
}

type Action = 'create' | 'start' | 'stop' | 'reboot' | 'remove'

interface Wish {
  intent: string
  action: Action
}

interface Instance {
  spec: Omit<InstanceSpec, 'customise'>
  power?: Power
  stoppedBecause?: string
  intents: Map<string, IntentFacts>
  wishes: Wish[]
  startedAt: number
  timer?: NodeJS.Timeout
  consoles: Set<Duplex>
}

const DEFAULT_CAPACITY: Capacity = {
  cpus: 16,
  ramBytes: 64 * 2 ** 30,
  freeRamBytes: 64 * 2 ** 30,
  diskBytes: 2 ** 40,
  freeDiskBytes: 2 ** 40,
  instances: 0,
  acceleration: 'simulated',
}

export function openSimulated({ delayMs = 0, capacity = {} }: SimulatedOptions = {}): Simulated {
  const instances = new Map<string, Instance>()
  const failures = new Map<Action, string>()
  const changes = new EventEmitter().setMaxListeners(0)
  let unavailable = false

  /** The wish at the head of the queue comes true, or fails. */
  function fulfil(name: string, instance: Instance) {
    const wish = instance.wishes.shift()!
    const refused = failures.get(wish.action)
    failures.delete(wish.action)
    if (refused !== undefined) {
      instance.intents.set(wish.intent, { state: 'failed', reason: refused })
    } else if (wish.action === 'remove') {
      turnOff(instance)
      instances.delete(name)
    } else if (instance.power === undefined && wish.action !== 'create') {
      instance.intents.set(wish.intent, { state: 'failed', reason: 'The server could not be made' })
    } else {
      if (wish.action === 'stop') turnOff(instance)
      else turnOn(instance, wish.action === 'reboot')
      instance.intents.set(wish.intent, { state: 'done' })
    }
  }

  function turnOff(instance: Instance) {
    instance.power = 'off'
    for (const console of instance.consoles) console.destroy()
    instance.consoles.clear()
  }

  function turnOn(instance: Instance, afresh: boolean) {
    if (afresh) turnOff(instance)
    instance.power = 'on'
    instance.stoppedBecause = undefined
  }

  /** Fulfils what waits, each wish after its delay. */
  function work(name: string, instance: Instance) {
    if (instance.timer !== undefined || instance.wishes.length === 0) return
    instance.startedAt = Date.now()
    if (delayMs === 0) {
      while (instance.wishes.length > 0) fulfil(name, instance)
      changes.emit('change')
    } else if (delayMs !== Number.POSITIVE_INFINITY) {
      instance.timer = setTimeout(() => {
        instance.timer = undefined
        fulfil(name, instance)
        changes.emit('change')
        work(name, instance)
      }, delayMs)
      instance.timer.unref()
    }
  }

  function wish(name: string, action: Action, intent: string) {
    const instance = known(name)
    if (instance.intents.has(intent)) return
    if (action === 'remove') {
      for (const { intent } of instance.wishes)
        instance.intents.set(intent, { state: 'failed', reason: 'The server is being removed' })
      instance.wishes = []
      clearTimeout(instance.timer)
      instance.timer = undefined
    }
    remember(instance.intents, intent, { state: 'running' })
    instance.wishes.push({ intent, action })
    work(name, instance)
    changes.emit('change')
  }

  function reachable() {
    if (unavailable) throw new BackendUnavailable('the simulated hypervisor is switched off')
  }

  function known(name: string): Instance {
    reachable()
    const instance = instances.get(name)
    if (instance === undefined) throw new InstanceUnknown(name)
    return instance
  }

  function running(name: string): Instance {
    const instance = known(name)
    if (instance.power !== 'on') throw new MachineOff(name)
    return instance
  }

  function factsOf({ spec, power, stoppedBecause, intents, wishes, startedAt }: Instance): InstanceFacts {
    const creating = wishes[0]?.action === 'create'
    const facts: InstanceFacts = {
      name: spec.name,
      cpus: spec.cpus,
      ramBytes: spec.ramBytes,
      disks: spec.disks.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
      nics: spec.nics.map(({ name, mac }) => ({ name, mac })),
      intents: new Map(intents),
    }
    if (power !== undefined) facts.power = power
    if (stoppedBecause !== undefined) facts.stoppedBecause = stoppedBecause
    if (creating) {
      facts.progressPercent = Math.min(99, Math.floor((100 * (Date.now() - startedAt)) / delayMs))
      facts.progressStep = 'Simulating'
    }
    return facts
  }

  return {
    async can() {
      reachable()
      return { hotplug: true, liveMigrate: false, screenshot: true, consoles: ['vnc', 'serial'] }
    },
    async list() {
      reachable()
      return new Map(instances.entries().map(([name, instance]) => [name, factsOf(instance)]))
    },
    async create(spec, intent) {
      reachable()
      if (!INSTANCE_NAME.test(spec.name)) throw new Error(`${spec.name} cannot be the name of an instance`)
      const present = instances.get(spec.name)
      if (present !== undefined) {
        if (!present.intents.has(intent)) {
          remember(present.intents, intent, { state: 'failed', reason: `There is a server ${spec.name} already` })
          changes.emit('change')
        }
        return
      }
      const { customise: _forgotten, ...kept } = spec
      instances.set(spec.name, { spec: kept, intents: new Map(), wishes: [], startedAt: 0, consoles: new Set() })
      wish(spec.name, 'create', intent)
    },
    start: async (name, intent) => wish(name, 'start', intent),
    stop: async (name, _graceSeconds, intent) => wish(name, 'stop', intent),
    reboot: async (name, _options, intent) => wish(name, 'reboot', intent),
    async remove(name, intent) {
      reachable()
      if (instances.has(name)) wish(name, 'remove', intent)
    },
    async openConsole(name: string, kind: ConsoleKind) {
      const { consoles } = running(name)
      const console = kind === 'serial' ? openSerial(name) : openVnc(name)
      consoles.add(console)
      console.once('close', () => consoles.delete(console))
      return console
    },
    async screenshot(name) {
      running(name)
      return testPicturePng()
    },
    async capacity() {
      reachable()
      const total = { ...DEFAULT_CAPACITY, ...capacity }
      const on = [...instances.values().filter(({ power }) => power === 'on')]
      const used = on.reduce((sum, { spec }) => sum + spec.ramBytes, 0)
      return { ...total, freeRamBytes: total.freeRamBytes - used, instances: instances.size }
    },
    watch(onChange) {
      const listener = () => onChange()
      changes.on('change', listener)
      return () => changes.off('change', listener)
    },
    async close() {
      for (const { timer, consoles } of instances.values()) {
        clearTimeout(timer)
        for (const console of consoles) console.destroy()
      }
      changes.removeAllListeners()
    },

    finish() {
      for (const [name, instance] of instances) {
        clearTimeout(instance.timer)
        instance.timer = undefined
        while (instance.wishes.length > 0) fulfil(name, instance)
      }
      changes.emit('change')
    },
    failNext: (action, reason) => void failures.set(action, reason),
    die(name, reason) {
      const instance = running(name)
      turnOff(instance)
      instance.stoppedBecause = reason
      changes.emit('change')
    },
    setUnavailable(value) {
      unavailable = value
      changes.emit('change')
    },
  }
}
