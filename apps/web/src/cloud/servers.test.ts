import type { Server } from '@synnefo/clients/compute'
import { expect, test } from 'vitest'
import { refusalOf } from './server-actions.ts'
import { describeBuild, describeError, describeState } from './servers.ts'

const server = (change: Partial<Server>) =>
  ({
    status: 'ACTIVE',
    'SNF:task_state': '',
    suspended: false,
    deleted: false,
    progress: 100,
    diagnostics: [],
    ...change,
  }) as Server
const said = (level: 'DEBUG' | 'ERROR', source: string, message: string) => ({
  level,
  source,
  message,
  details: null,
  created: '2026-11-03T00:00:00Z',
})

test.each<[Partial<Server>, string, string]>([
  [{}, 'Running', 'success'],
  [{ status: 'STOPPED' }, 'Stopped', 'stopped'],
  [{ status: 'BUILD', 'SNF:task_state': 'BUILDING' }, 'Building', 'in-progress'],
  [{ 'SNF:task_state': 'STOPPING' }, 'Shutting down', 'in-progress'],
  [{ status: 'ERROR', 'SNF:task_state': 'DESTROYING' }, 'Deleting', 'in-progress'],
  [{ status: 'ERROR' }, 'Error', 'error'],
  [{ 'SNF:rescue': true }, 'Running (rescue)', 'success'],
  [{ suspended: true }, 'Suspended', 'stopped'],
  [{ status: 'UNKNOWN' }, 'Unknown', 'pending'],
])('%j reads as %s', (change, text, indicator) => {
  expect(describeState(server(change))).toEqual({ text, indicator })
})

test('a build tells what is being done', () => {
  expect(describeBuild(server({ progress: 0 }))).toBe('Preparing')
  expect(describeBuild(server({ progress: 40 }))).toBe('Copying the image, 40 %')
  expect(describeBuild(server({ diagnostics: [said('DEBUG', 'image-helper-task-start', 'Setting the password')] }))).toBe(
    'Setting the password',
  )
  expect(describeBuild(server({ 'SNF:build_step': 'Growing the file system' }))).toBe('Growing the file system')
})

test('the reason of an error is the latest word about it', () => {
  const diagnostics = [said('DEBUG', 'image-info', 'cleaning up'), said('ERROR', 'image-error', 'no partition table')]
  expect(describeError(server({ diagnostics }))).toBe('no partition table')
  expect(describeError(server({}))).toBeUndefined()
})

test('what cannot be done is refused in the words of the cloud', () => {
  expect(refusalOf('START', server({}))).toBe('Only a stopped server can be started.')
  expect(refusalOf('STOP', server({}))).toBeUndefined()
  expect(refusalOf('CONSOLE', server({ status: 'BUILD', 'SNF:task_state': 'BUILDING' }))).toBe(
    'This server is still being built.',
  )
})
