// What to do next about an instance, from facts alone: what was asked, what has been made, and whether its machine
// runs. There is no other state, so the path after a crash is the path of every day.
import type { ProcessId } from './machine/process.ts'
import { currentWish, type InstanceRecord, type Wish } from './records.ts'

/** The state of a QEMU process as QMP tells it; 'unreachable' when it does not answer (yet). */
export type MachineStatus = 'running' | 'prelaunch' | 'shutdown' | 'io-error' | 'unreachable' | (string & {})

export interface Look {
  /** The QEMU process, when there is one. */
  process?: ProcessId
  status?: MachineStatus
  /** It has not answered for so long that it never will. */
  silentForLong: boolean
  /** The disks are served by this process. */
  served: boolean
  /** Something of the creation is left to do. */
  creationLeft: boolean
  bootId: string
  nowMs: number
}

export type Step =
  | 'make-disks'
  | 'customise'
  /** Serves the disks of a machine that runs already: our predecessor served them. */
  | 'serve'
  | 'power-on'
  /** Lets a machine run that was launched but stands still before its first instruction. */
  | 'release-brake'
  /** Tries to go on after a disk error. */
  | 'resume'
  | 'begin-reboot'
  /** Presses the power button. */
  | 'ask-off'
  | 'await-off'
  | 'await-answer'
  | 'cut-power'
  | 'demolish'
  /** The wish came true. */
  | 'finish'
  | 'refuse-unmade'
  | 'note-death'
  | 'note-running'
  | 'rest'

export function nextStep(record: InstanceRecord, look: Look): Step {
  const wish = currentWish(record)
  if (wish?.action === 'remove') return 'demolish'
  const { process, status } = look
  if (process !== undefined && !look.served && status !== 'shutdown') return 'serve'
  if (wish === undefined) return upkeep(record, look)
  if (wish.action !== 'create' && !record.made) return 'refuse-unmade'
  switch (wish.action) {
    case 'create':
      if (!record.disksMade) return 'make-disks'
      if (look.creationLeft) return 'customise'
      return switchOn(look)
    case 'start':
      return switchOn(look)
    case 'stop':
      return process === undefined ? 'finish' : switchOff(wish, look)
    case 'reboot':
      if (wish.replaces === undefined) return 'begin-reboot'
      return process !== undefined && same(process, wish.replaces) ? switchOff(wish, look) : switchOn(look)
  }
}

function switchOn({ process, status, silentForLong }: Look): Step {
  if (process === undefined) return 'power-on'
  if (status === 'unreachable') return silentForLong ? 'cut-power' : 'await-answer' // a fresh one takes its place
  if (status === 'prelaunch') return 'release-brake'
  if (status === 'shutdown') return 'cut-power'
  return 'finish'
}

function switchOff(wish: Wish, { status, nowMs }: Look): Step {
  if (status === 'shutdown' || status === 'prelaunch') return 'cut-power'
  if (wish.cutAt === undefined) return 'ask-off'
  return nowMs >= wish.cutAt ? 'cut-power' : 'await-off'
}

/** Nothing is asked: see to it that the machine is as it was wanted last. */
function upkeep(record: InstanceRecord, { process, status, bootId }: Look): Step {
  if (process === undefined) {
    if (record.wanted === 'off') return 'rest'
    return record.ranInBoot === bootId ? 'note-death' : 'power-on'
  }
  if (record.wanted === 'off' || status === 'shutdown') return 'cut-power'
  if (status === 'prelaunch') return 'release-brake'
  if (status === 'io-error') return 'resume'
  return record.ranInBoot === bootId ? 'rest' : 'note-running'
}

function same(process: ProcessId, other: ProcessId | null | undefined): boolean {
  return process.pid === other?.pid && process.startTime === other.startTime
}
