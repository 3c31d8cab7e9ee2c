// The key with which a cloud encrypts its blocks, and what is said when it does not fit to what is there.
import { randomBytes } from 'node:crypto'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { type Blocks, BlocksKeyWrong, blockKey, type Cipher, openCipher, openFiles } from '@synnefo/engine-blocks'
import { SettingsError } from '@synnefo/lib/settings'
import { type KeyOwner, secretKey } from './secret-key.ts'
import type { CloudSettings } from './settings.ts'

type Encryption = Pick<CloudSettings, 'PITHOS_ENCRYPT_BLOCKS'>

/** Undefined for a cloud that does not encrypt. */
export function cipherOf({ PITHOS_ENCRYPT_BLOCKS }: Encryption, secret: Uint8Array): Cipher | undefined {
  return PITHOS_ENCRYPT_BLOCKS ? openCipher(blockKey(secret)) : undefined
}

/** Opens blocks; `SettingsError` when they were stored with another key. */
export async function openBlocks(options: Parameters<typeof openFiles>[0]): Promise<Blocks> {
  try {
    return await openFiles(options)
  } catch (error) {
    if (!(error instanceof BlocksKeyWrong)) throw error
    throw new SettingsError(
      `${error.message}: PITHOS_ENCRYPT_BLOCKS must be what it was when the cloud was first started, and secrets/cloud.key the same file.`,
    )
  }
}

export interface BlockKeyFile {
  /** With the key of the cloud; made when it is not there. */
  secrets: string
  owner: KeyOwner | undefined
  blocks: string
  /** Where the key of blocks is written, for who reads them and shall not have the key of the cloud. */
  file: string
}

/** Writes the key of blocks, or removes what is there. Answers whether there is one. Only who calls this may read it. */
export async function writeBlockKey(settings: Encryption, { secrets, owner, blocks, file }: BlockKeyFile): Promise<boolean> {
  const cipher = settings.PITHOS_ENCRYPT_BLOCKS ? cipherOf(settings, await secretKey(secrets, owner)) : undefined
  await (await openBlocks({ folder: blocks, access: 'read', cipher })).close()
  if (!cipher) {
    await rm(file, { force: true })
    return false
  }
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, cipher.key, { mode: 0o600, flag: 'wx', flush: true })
  await chmod(draft, 0o600)
  await rename(draft, file)
  return true
}
