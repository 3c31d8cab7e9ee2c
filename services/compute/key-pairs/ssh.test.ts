import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { fingerprintOf, publicKeyLine } from './ssh.ts'

test.each([
  ['rsa', '2048'],
  ['ed25519', '256'],
  ['ecdsa', '521'],
])('the fingerprint of an %s key is the one that ssh-keygen shows', async (type, bits) => {
  const cleanups: (() => void | Promise<void>)[] = []
  const folder = await temporaryFolder((work) => void cleanups.push(work))
  const file = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-f', file])
  const shown = execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', `${file}.pub`], { encoding: 'utf8' })
  expect(shown).toContain(`MD5:${fingerprintOf(readFileSync(`${file}.pub`, 'utf8').trim())}`)
  for (const work of cleanups) await work()
})

test('a generated RSA key is written as a line that reads back', () => {
  const { publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'der' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  expect(fingerprintOf(publicKeyLine(publicKey))).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/)
})

test.each([
  '',
  'ssh-rsa',
  'ssh-rsa AAAA',
  'ssh-dss AAAAB3NzaC1kc3M=',
  'ssh-rsa AAAAC3NzaC1lZDI1NTE5',
  'ssh-rsa AAAAB3NzaC1yc2EA\nrm -rf',
  'hello',
])('%j is no key', (line) => {
  expect(() => fingerprintOf(line)).toThrow(/not a public SSH key/)
})
