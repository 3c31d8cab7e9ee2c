import { argon2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkPassword, hashPassword } from './password-hash.ts'

test('a password matches its own hash and no other', async () => {
  const stored = await hashPassword('correct horse')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await checkPassword('correct horse', stored)).toEqual({ matches: true, outdated: false })
  expect(await checkPassword('wrong horse', stored)).toEqual({ matches: false, outdated: false })
})

test('two hashes of one password differ', async () => {
  expect(await hashPassword('same')).not.toBe(await hashPassword('same'))
})

test('a PBKDF2 hash of an imported installation is verified and due for replacement', async () => {
  const imported = 'pbkdf2_sha256$20000$NaCl4me$8gpnffoEvXqe65YGvjoHP6v3e5Fdc8at/rgc+/LVvq8='
  expect(await checkPassword('correct horse', imported)).toEqual({ matches: true, outdated: true })
  expect(await checkPassword('wrong horse', imported)).toEqual({ matches: false, outdated: true })
})

test('a hash of lower cost is verified at its own cost and due for replacement', async () => {
  const salt = Buffer.from('0123456789abcdef')
  const tag = argon2Sync('argon2id', { message: 'hunter2', nonce: salt, memory: 256, passes: 1, parallelism: 1, tagLength: 32 })
  const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  const weak = `$argon2id$v=19$m=256,t=1,p=1$${bare(salt)}$${bare(tag)}`
  expect(await checkPassword('hunter2', weak)).toEqual({ matches: true, outdated: true })
})

test('without a hash, or with one that nobody can read, nothing matches', async () => {
  for (const stored of [undefined, null, '', '!', 'md5$aa$bb']) {
    expect((await checkPassword('anything', stored)).matches).toBe(false)
  }
})

test('too many at once are told to come back, and the others are served', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => checkPassword('x', undefined)))
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused).toHaveLength(80 - 2 - 64)
  expect((await checkPassword('x', undefined)).matches).toBe(false)
})
