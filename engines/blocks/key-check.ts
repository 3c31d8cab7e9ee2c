// <folder>/encryption says with which key the blocks of a folder are encrypted, without telling it. With another key
// every block would look damaged; with none, volumes would be given what is encrypted.
import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cipher } from './cipher.ts'
import { BlocksKeyWrong } from './errors.ts'
import { syncFolder } from './folder-sync.ts'

const PAIR = /^[0-9a-f]{2}$/

interface Folder {
  /** Then a folder that holds nothing yet is marked. */
  writable: boolean
  owner: { uid: number; gid: number } | undefined
}

export async function checkKey(folder: string, cipher: Cipher | undefined, { writable, owner }: Folder): Promise<void> {
  const file = join(folder, 'encryption')
  const found = (await readFile(file, 'latin1').catch(absent))?.trim()
  if (!cipher) {
    if (found !== undefined) throw new BlocksKeyWrong(folder, 'are encrypted, and no key was given for them')
    return
  }
  if (found === cipher.check) return
  if (found !== undefined) throw new BlocksKeyWrong(folder, 'are encrypted with another key')
  const names = (await readdir(folder).catch(absent)) ?? []
  if (names.some((name) => PAIR.test(name))) throw new BlocksKeyWrong(folder, 'are not encrypted, and a key was given for them')
  if (!writable) return
  const draft = join(folder, 'incoming', `encryption-${randomBytes(8).toString('hex')}`)
  const handle = await open(draft, 'wx', 0o644)
  try {
    await handle.writeFile(`${cipher.check}\n`)
    if (owner) await handle.chown(owner.uid, owner.gid)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  await syncFolder(folder)
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
