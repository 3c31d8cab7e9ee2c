import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { audit, type Caller } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import type { Queryable, Tx } from '@synnefo/lib/sql'
import type { ComputeSettings } from '../settings.ts'
import { deleteKeyPair, insertKeyPair, type KeyPairRow, keyPairNamed, keyPairsOf, lockKeyPairsOf } from '../store/key-pairs.ts'
import { fingerprintOf, publicKeyLine } from './ssh.ts'

const generate = promisify(generateKeyPair)

/** Refuses names that could not be shown or found again (compute-api.md §8.1). */
export function checkKeyPairName(name: string): string {
  if (name.length > 255) throw new Fault('badRequest', 'The name of a key pair has at most 255 characters.')
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) || name.trim() === '') {
    throw new Fault('badRequest', 'The name of a key pair has a visible character at least, and no control or line characters.')
  }
  return name
}

export async function showKeyPair(db: Queryable, caller: Caller, name: string): Promise<KeyPairRow> {
  const pair = await keyPairNamed(db, caller.userId, checkKeyPairName(name))
  if (!pair) throw new Fault('itemNotFound', `There is no key pair '${name}'.`)
  return pair
}

/** The public keys of these names, in order. */
export async function keyPairsNamed(db: Queryable, caller: Caller, names: readonly string[]): Promise<KeyPairRow[]> {
  return Promise.all(names.map((name) => showKeyPair(db, caller, name)))
}

/** Imports a public key, or makes a pair when none is given: its private part is answered this once and kept nowhere. */
export async function createKeyPair(
  tx: Tx,
  settings: ComputeSettings,
  caller: Caller,
  { name, publicKey }: { name: string; publicKey?: string },
): Promise<KeyPairRow & { privateKey?: string }> {
  checkKeyPairName(name)
  const { content, privateKey } =
    publicKey === undefined ? await newRsaPair() : { content: checkPublicKey(publicKey, settings), privateKey: undefined }
  await lockKeyPairsOf(tx, caller.userId)
  if ((await keyPairsOf(tx, caller.userId)).length >= settings.USERDATA_MAX_SSH_KEYS_PER_USER) {
    throw new Fault(
      'overLimit',
      `You have ${settings.USERDATA_MAX_SSH_KEYS_PER_USER} key pairs, which is as many as are allowed. Delete one first.`,
    )
  }
  const row = await insertKeyPair(tx, caller.userId, { name, content, fingerprint: fingerprintOf(content) })
  if (!row) throw new Fault('conflict', `There is a key pair '${name}' already.`)
  await audit(tx, { service: 'compute', actor: caller.userId, action: 'keypair-create', target: `keypair:${name}` })
  tx.announces('keypairs', caller.userId)
  return { ...row, ...(privateKey ? { privateKey } : {}) }
}

export async function removeKeyPair(tx: Tx, caller: Caller, name: string): Promise<void> {
  if (!(await deleteKeyPair(tx, caller.userId, checkKeyPairName(name))))
    throw new Fault('itemNotFound', `There is no key pair '${name}'.`)
  await audit(tx, { service: 'compute', actor: caller.userId, action: 'keypair-delete', target: `keypair:${name}` })
  tx.announces('keypairs', caller.userId)
}

function checkPublicKey(text: string, settings: ComputeSettings): string {
  const content = text.trim()
  if (content.length > settings.USERDATA_SSH_KEY_MAX_CONTENT_LENGTH) {
    throw new Fault('badRequest', `A public key has at most ${settings.USERDATA_SSH_KEY_MAX_CONTENT_LENGTH} characters.`)
  }
  fingerprintOf(content)
  return content
}

async function newRsaPair(): Promise<{ content: string; privateKey: string }> {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'der' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  return { content: publicKeyLine(publicKey), privateKey }
}
