import type { InstanceFacts, IntentFacts } from '@synnefo/engine-hypervisor'
import { expect, test } from 'vitest'
import { nextStep, type Waiting } from './next-step.ts'

const facts = (power: InstanceFacts['power'], intent?: IntentFacts, more: Partial<InstanceFacts> = {}): InstanceFacts => ({
  name: 'snf-1',
  cpus: 1,
  ramBytes: 1,
  disks: [],
  nics: [],
  ...(power ? { power } : {}),
  intents: new Map(intent ? [['i', intent]] : []),
  ...more,
})
const waits = (task: Waiting['task'], operstate: Waiting['operstate']): Waiting => ({ task, operstate, intent: task && 'i' })
const failed: IntentFacts = { state: 'failed', reason: 'no memory' }

test.each<[string, Waiting, InstanceFacts | undefined, ReturnType<typeof nextStep>]>([
  ['a build that the backend never heard of is asked for', waits('BUILD', 'BUILD'), undefined, { do: 'ask' }],
  [
    'a build under way shows its progress',
    waits('BUILD', 'BUILD'),
    facts(undefined, { state: 'running' }, { progressPercent: 40, progressStep: 'FixPartitionTable' }),
    { do: 'progress', percent: 40, step: 'FixPartitionTable' },
  ],
  [
    'a build that is done starts the server',
    waits('BUILD', 'BUILD'),
    facts('on', { state: 'done' }),
    { do: 'finish', operstate: 'STARTED' },
  ],
  ['a build that failed says why', waits('BUILD', 'BUILD'), facts(undefined, failed), { do: 'fail', reason: 'no memory' }],
  ['a start that was not asked for yet is asked for', waits('START', 'STOPPED'), facts('off'), { do: 'ask' }],
  ['a start under way is waited for', waits('START', 'STOPPED'), facts('off', { state: 'running' }), { do: 'nothing' }],
  ['a start that is done', waits('START', 'STOPPED'), facts('on', { state: 'done' }), { do: 'finish', operstate: 'STARTED' }],
  ['a stop that is done', waits('STOP', 'STARTED'), facts('off', { state: 'done' }), { do: 'finish', operstate: 'STOPPED' }],
  ['a reboot that is done', waits('REBOOT', 'STARTED'), facts('on', { state: 'done' }), { do: 'finish', operstate: 'STARTED' }],
  [
    'a start of a machine that is gone fails',
    waits('START', 'STOPPED'),
    undefined,
    { do: 'fail', reason: 'The machine no longer exists on its backend.' },
  ],
  ['a removal is asked for', waits('DESTROY', 'STARTED'), facts('on'), { do: 'ask' }],
  ['a removal under way is waited for', waits('DESTROY', 'STARTED'), facts('on', { state: 'running' }), { do: 'nothing' }],
  ['a removal is done when the machine is gone', waits('DESTROY', 'BUILD'), undefined, { do: 'finish-removal' }],
  ['a removal that failed says why', waits('DESTROY', 'STARTED'), facts('on', failed), { do: 'fail', reason: 'no memory' }],
  ['a guest that shut itself down is noticed', waits(null, 'STARTED'), facts('off'), { do: 'notice', operstate: 'STOPPED' }],
  [
    'a machine that died is noticed with the reason',
    waits(null, 'STARTED'),
    facts('off', undefined, { stoppedBecause: 'killed' }),
    { do: 'notice', operstate: 'STOPPED', why: 'killed' },
  ],
  ['a machine started by hand is noticed', waits(null, 'STOPPED'), facts('on'), { do: 'notice', operstate: 'STARTED' }],
  ['a machine that vanished is reported', waits(null, 'STARTED'), undefined, { do: 'missing' }],
  ['a failed server is left alone', waits(null, 'ERROR'), undefined, { do: 'nothing' }],
  ['all is as it should be', waits(null, 'STARTED'), facts('on'), { do: 'nothing' }],
])('%s', (_fact, server, seen, step) => {
  expect(nextStep(server, seen)).toEqual(step)
})
