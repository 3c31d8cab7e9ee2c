import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HostNotReady } from '../errors.ts'
import { findProgram, missingPrograms, run } from './programs.ts'

test('a program is found in the first folder that has it', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'programs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'nft'), '', { mode: 0o755 })
  expect(await findProgram('nft', ['/nowhere', folder])).toBe(join(folder, 'nft'))
  expect(await findProgram('dnsmasq', ['/nowhere', folder])).toBeUndefined()
})

test('programs that are missing are named with one command that installs them', () => {
  const missing = missingPrograms(['nsenter', 'unshare', 'dnsmasq'])
  expect(missing).toBeInstanceOf(HostNotReady)
  expect(missing.message).toContain('apt-get install -y --no-install-recommends util-linux dnsmasq-base')
})

test('a program that fails is told with what it complained about', async () => {
  await expect(run(['sh', '-c', 'echo no such thing >&2; exit 3'])).rejects.toThrow('no such thing')
})

test('a program that does not read its input is no fault', async () => {
  expect(await run(['true'], 'x'.repeat(1_000_000))).toBe('')
})
