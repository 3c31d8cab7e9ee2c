import { Fault } from '@synnefo/lib/fault'
import type { ComputeSettings } from '../settings.ts'
import type { PersonalityFile } from './builds.ts'

/** A file to put into a new server, as clients send it. */
export interface Personality {
  path: string
  /** Base64. */
  contents: string
  owner?: string
  group?: string
  mode?: number
}

/** Checks number and size (compute-api.md §3.4). */
export function checkPersonality(files: readonly Personality[], settings: ComputeSettings): PersonalityFile[] {
  if (files.length > settings.MAX_PERSONALITY) {
    throw new Fault('overLimit', `At most ${settings.MAX_PERSONALITY} files can be put into a new server.`)
  }
  return files.map((file) => {
    const most = settings.MAX_PERSONALITY_SIZE
    const data = Buffer.from(file.contents, 'base64')
    if (file.contents.length > most || data.length > most)
      throw new Fault('overLimit', `File ${file.path} has more than ${most} bytes.`)
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(file.contents))
      throw new Fault('badRequest', `The contents of file ${file.path} are not base64.`)
    if (!file.path.startsWith('/') || file.path.includes('\0') || file.path.split('/').includes('..')) {
      throw new Fault('badRequest', `'${file.path}' is not an absolute path of a file in the server.`)
    }
    return file
  })
}
