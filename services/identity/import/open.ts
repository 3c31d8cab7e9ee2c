// The database of the original's people, as the operator names it.
import { readFile } from 'node:fs/promises'
import { Fault } from '@synnefo/lib/fault'
import { type ForeignDatabase, openForeignDatabase } from '@synnefo/lib/foreign-database'
import { type OriginalShape, shapeOf } from '../store/original.ts'

export interface OriginalPeople {
  original: ForeignDatabase
  shape: OriginalShape
}

/** Opens what `--database` names: an address, or a file that holds one, such as the database settings of the original. */
export async function openOriginalPeople(named: string): Promise<OriginalPeople> {
  const original = await openForeignDatabase(named.includes('://') ? named : await addressIn(named), 'astakos-import')
  try {
    const shape = await shapeOf(original)
    if (typeof shape === 'string') throw new Fault('badRequest', `That is no database of the people of the original: ${shape}`)
    return { original, shape }
  } catch (error) {
    await original.close()
    throw error
  }
}

async function addressIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault(
      'badRequest',
      `'${path}' is neither an address like postgresql://… nor a file that can be read (${error.code})`,
    )
  })
  const address = text.trim()
  if (/^\S+:\/\/\S+$/.test(address)) return address
  const lines = text.replace(/^\s*#.*$/gm, '')
  const read = (key: string) => new RegExp(`(['"])${key}\\1\\s*:\\s*(['"]?)(.*?)\\2\\s*[,}\\n]`).exec(lines)?.[3] ?? ''
  if (!/^\s*DATABASES\s*=/m.test(lines) || read('NAME') === '')
    throw new Fault('badRequest', `${path} holds no address, and no setting DATABASES`)
  if (read('ENGINE').includes('sqlite')) return `sqlite:///${read('NAME')}`
  const [host, user, password, name] = ['HOST', 'USER', 'PASSWORD', 'NAME'].map((key) => encodeURIComponent(read(key)))
  // The host may be the folder of a socket, and none is the usual one.
  const where = `host=${host || encodeURIComponent('/var/run/postgresql')}&port=${read('PORT') || 5432}`
  return `postgresql://${user}:${password}@/${name}?${where}`
}
