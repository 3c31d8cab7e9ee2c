import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openCipher, openFiles } from '@synnefo/engine-blocks'
import { SettingsError } from '@synnefo/lib/settings'
import { type OnTestFinished, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { cipherOf, openBlocks, writeBlockKey } from './block-key.ts'
import { secretKey } from './secret-key.ts'

const ON = { PITHOS_ENCRYPT_BLOCKS: true }
const OFF = { PITHOS_ENCRYPT_BLOCKS: false }

async function places(onTestFinished: OnTestFinished) {
  const folder = await temporaryFolder(onTestFinished)
  const at = (name: string) => join(folder, name)
  return { secrets: at('secrets'), owner: undefined, blocks: at('blocks'), file: at('block.key') }
}

test('who reads blocks gets the key of blocks in a file of his own, and not the key of the cloud', async ({ onTestFinished }) => {
  const where = await places(onTestFinished)
  expect(await writeBlockKey(ON, where)).toBe(true)
  const secret = await secretKey(where.secrets)
  const key = await readFile(where.file)
  expect(key.equals(secret)).toBe(false)
  expect((await stat(where.file)).mode & 0o777).toBe(0o600)

  const hash = await (await openBlocks({ folder: where.blocks, cipher: cipherOf(ON, secret) })).put(Buffer.from('one'))
  const reader = await openFiles({ folder: where.blocks, access: 'read', cipher: openCipher(key) })
  expect((await reader.get(hash))?.toString()).toBe('one')

  await chmod(where.file, 0o644)
  await writeBlockKey(ON, where)
  expect((await stat(where.file)).mode & 0o777).toBe(0o600)
})

test('a cloud that does not encrypt has no such file, and no key is made for it', async ({ onTestFinished }) => {
  const where = await places(onTestFinished)
  expect(await writeBlockKey(OFF, where)).toBe(false)
  await expect(stat(where.file)).rejects.toThrow('ENOENT')
  await expect(stat(where.secrets)).rejects.toThrow('ENOENT')
})

test('a setting or a key that does not fit to what is stored is refused before anything starts', async ({ onTestFinished }) => {
  const encrypted = await places(onTestFinished)
  await writeBlockKey(ON, encrypted)
  const cipher = cipherOf(ON, await secretKey(encrypted.secrets))
  await (await openBlocks({ folder: encrypted.blocks, cipher })).put(Buffer.from('one'))
  await expect(writeBlockKey(OFF, encrypted)).rejects.toThrow(/are encrypted, and no key was given.*PITHOS_ENCRYPT_BLOCKS/)
  const lost = { ...encrypted, secrets: `${encrypted.secrets}-other` }
  await expect(writeBlockKey(ON, lost)).rejects.toThrow(/another key.*cloud\.key/)
  await expect(writeBlockKey(ON, lost)).rejects.toThrow(SettingsError)

  const plain = await places(onTestFinished)
  await (await openBlocks({ folder: plain.blocks })).put(Buffer.from('one'))
  await expect(writeBlockKey(ON, plain)).rejects.toThrow(/are not encrypted/)
  await expect(stat(plain.file)).rejects.toThrow('ENOENT')
})
