// The database of the original, as the operator names it.
import { readFile } from 'node:fs/promises'
import { Fault } from '@synnefo/lib/fault'
import { type ForeignDatabase, openForeignDatabase } from '@synnefo/lib/foreign-database'

export type Original = ForeignDatabase

/** Opens what `--database` names: a URL, or a file that holds one, such as the settings of the original. */
export async function openOriginal(named: string): Promise<Original> {
  return openForeignDatabase(named.includes('://') ? named : await urlIn(named), 'pithos-import')
}

async function urlIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault(
      'badRequest',
      `'${path}' is neither an address like postgresql://… nor a file that can be read (${error.code})`,
    )
  })
  const setting = /^\s*(?:PITHOS_)?BACKEND_DB_CONNECTION\s*=\s*(['"])(.*?)\1/m.exec(text)?.[2]
  const url = setting ?? text.trim()
  if (!/^\S+:\/\/\S+$/.test(url))
    throw new Fault('badRequest', `${path} holds no address, and no setting PITHOS_BACKEND_DB_CONNECTION`)
  return url
}
