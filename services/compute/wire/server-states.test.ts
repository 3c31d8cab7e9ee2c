import { expect, test } from 'vitest'
import { type Action, type Condition, conditionOf, refusal, statusOf, TASK_STATES, type Task } from './server-states.ts'

const idle = (operstate: Condition['operstate']): Condition => ({ operstate, task: null, deleted: false, suspended: false })

test.each<[Action, Condition['operstate'], string | undefined]>([
  ['START', 'STOPPED', undefined],
  ['START', 'STARTED', 'badRequest'],
  ['START', 'ERROR', 'badRequest'],
  ['START', 'BUILD', 'buildInProgress'],
  ['STOP', 'STARTED', undefined],
  ['STOP', 'STOPPED', 'badRequest'],
  ['REBOOT', 'STARTED', undefined],
  ['REBOOT', 'STOPPED', undefined],
  ['REBOOT', 'BUILD', 'buildInProgress'],
  ['CONSOLE', 'STARTED', undefined],
  ['CONSOLE', 'STOPPED', 'badRequest'],
  ['DESTROY', 'ERROR', undefined],
  ['DESTROY', 'BUILD', undefined],
  ['RENAME', 'ERROR', undefined],
  ['REASSIGN', 'ERROR', undefined],
])('%s of an idle server in %s: %s', (action, operstate, kind) => {
  expect(refusal(action, idle(operstate))?.kind).toBe(kind)
})

test('a server with a task can only be deleted or renamed', () => {
  for (const task of Object.keys(TASK_STATES) as Task[]) {
    const busy = { ...idle('STOPPED'), task }
    expect(refusal('START', busy)?.kind).toBe(task === 'BUILD' ? 'buildInProgress' : 'badRequest')
    expect(refusal('RENAME', busy)).toBeUndefined()
    expect(refusal('DESTROY', busy) === undefined).toBe(task !== 'DESTROY')
  }
})

test('deleted comes before suspended', () => {
  expect(refusal('DESTROY', { ...idle('STARTED'), deleted: true, suspended: true })?.kind).toBe('badRequest')
  expect(refusal('DESTROY', { ...idle('STARTED'), suspended: true })?.kind).toBe('forbidden')
})

test('what the API shows leads back to the same refusals', () => {
  for (const operstate of ['BUILD', 'ERROR', 'STOPPED', 'STARTED'] as const) {
    for (const task of [null, ...(Object.keys(TASK_STATES) as Task[])]) {
      const condition = { ...idle(operstate), task }
      const shown = {
        status: statusOf(condition),
        'SNF:task_state': task ? TASK_STATES[task] : '',
        deleted: false,
        suspended: false,
      }
      expect(conditionOf(shown)).toEqual(condition)
    }
  }
})
