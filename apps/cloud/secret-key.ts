import { randomBytes } from 'node:crypto'
import { chown, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface KeyOwner {
  uid: number
  gid: number
}

/** The key of the cloud, made at its first start: 32 random bytes that only the cloud's user may read. Given when that is not who asks. */
export async function secretKey(folder: string, owner?: KeyOwner): Promise<Uint8Array> {
  const file = join(folder, 'cloud.key')
  const draft = `${file}.${process.pid}.new`
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(draft, randomBytes(32), { mode: 0o600, flag: 'wx', flush: true })
  if (owner) await chown(draft, owner.uid, owner.gid)
  // The name appears with the whole key behind it, and never replaces one that another process made meanwhile.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(draft)
  return readFile(file)
}
