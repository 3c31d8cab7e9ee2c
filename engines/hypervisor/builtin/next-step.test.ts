import { expect, test } from 'vitest'
import { type Look, nextStep } from './next-step.ts'
import { addWish, currentWish, type InstanceRecord, newRecord, type Wish } from './records.ts'

const machine = { pid: 7, startTime: '70' }
const look = (facts: Partial<Look> = {}): Look => ({
  silentForLong: false,
  served: true,
  creationLeft: false,
  bootId: 'this boot',
  nowMs: 1_000,
  ...facts,
})
const running = look({ process: machine, status: 'running' })

function made(wish?: Partial<Wish> & Pick<Wish, 'action'>, facts: Partial<InstanceRecord> = {}): InstanceRecord {
  const record = newRecord({ name: 'snf-1', cpus: 1, ramBytes: 1, disks: [], nics: [] })
  Object.assign(record, { disksMade: true, made: true, ranInBoot: 'this boot', ...facts })
  if (wish !== undefined) addWish(record, { intent: 'wish', ...wish })
  return record
}

test('a creation goes from disks over customisation to a running machine', () => {
  const fresh = made({ action: 'create' }, { made: false, disksMade: false, ranInBoot: undefined })
  expect(nextStep(fresh, look({ creationLeft: true }))).toBe('make-disks')
  fresh.disksMade = true
  expect(nextStep(fresh, look({ creationLeft: true }))).toBe('customise')
  expect(nextStep(fresh, look())).toBe('power-on')
  expect(nextStep(fresh, look({ process: machine, status: 'prelaunch' }))).toBe('release-brake')
  expect(nextStep(fresh, running)).toBe('finish')
})

test('a machine that should run is left alone, and one that should not is cut', () => {
  expect(nextStep(made(), running)).toBe('rest')
  expect(nextStep(made(undefined, { wanted: 'off' }), running)).toBe('cut-power')
  expect(nextStep(made(undefined, { wanted: 'off' }), look())).toBe('rest')
})

test('a missing machine died in this boot of the host, or was ended by the last one', () => {
  expect(nextStep(made(), look())).toBe('note-death')
  expect(nextStep(made(), look({ bootId: 'the next boot' }))).toBe('power-on')
})

test('a stop asks first and cuts when the time is over', () => {
  const stopping = made({ action: 'stop', graceSeconds: 5 })
  expect(nextStep(stopping, running)).toBe('ask-off')
  currentWish(stopping)!.cutAt = 6_000
  expect(nextStep(stopping, running)).toBe('await-off')
  expect(nextStep(stopping, { ...running, status: 'unreachable' })).toBe('await-off')
  expect(nextStep(stopping, { ...running, nowMs: 6_000 })).toBe('cut-power')
  expect(nextStep(stopping, { ...running, status: 'shutdown' })).toBe('cut-power')
  expect(nextStep(stopping, look())).toBe('finish')
})

test('a reboot ends when another process runs than the one it began with', () => {
  const rebooting = made({ action: 'reboot', graceSeconds: 0 })
  expect(nextStep(rebooting, running)).toBe('begin-reboot')
  currentWish(rebooting)!.replaces = machine
  expect(nextStep(rebooting, running)).toBe('ask-off')
  expect(nextStep(rebooting, look())).toBe('power-on')
  expect(nextStep(rebooting, { ...running, process: { pid: 7, startTime: '71' } })).toBe('finish')
})

test('a running machine whose disks nobody serves comes before everything but its removal', () => {
  expect(nextStep(made(), { ...running, served: false })).toBe('serve')
  expect(nextStep(made({ action: 'stop' }), { ...running, served: false })).toBe('serve')
  expect(nextStep(made({ action: 'remove' }), { ...running, served: false })).toBe('demolish')
})

test('a QEMU that never answers is replaced when it ought to start, and waited for until then', () => {
  const starting = made({ action: 'start' })
  const silent = look({ process: machine, status: 'unreachable' })
  expect(nextStep(starting, silent)).toBe('await-answer')
  expect(nextStep(starting, { ...silent, silentForLong: true })).toBe('cut-power')
})

test('a machine that stands still after a disk error is helped on', () => {
  expect(nextStep(made(), { ...running, status: 'io-error' })).toBe('resume')
})

test('what was never made cannot start', () => {
  expect(nextStep(made({ action: 'start' }, { made: false }), look())).toBe('refuse-unmade')
})

test('a removal overtakes what waits, and only what is over is forgotten', () => {
  const record = made()
  addWish(record, { intent: 'waits', action: 'start' })
  addWish(record, { intent: 'removal', action: 'remove' })
  expect(record.wishes).toMatchObject([
    { intent: 'waits', state: 'failed' },
    { intent: 'removal', state: 'running' },
  ])
  for (let count = 0; count < 50; count++) addWish(record, { intent: `later-${count}`, action: 'start' })
  expect(record.wishes).toHaveLength(51)
  for (const wish of record.wishes) if (wish.intent !== 'later-49') wish.state = 'done'
  addWish(record, { intent: 'last', action: 'stop' })
  expect(record.wishes.map(({ intent }) => intent).slice(-2)).toEqual(['later-49', 'last'])
  expect(record.wishes).toHaveLength(20)
})
