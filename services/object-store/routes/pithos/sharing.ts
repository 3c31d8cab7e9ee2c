import { Fault } from '@synnefo/lib/fault'
import type { Sharing } from '../../access.ts'
import { LONGEST_SUBJECT } from '../../wire/limits.ts'

/** `read=a,b;write=c`; empty removes all permissions. */
export function readSharing(header: string): Sharing {
  const text = header.replaceAll(' ', '').toLowerCase()
  const lists: Sharing = { read: [], write: [] }
  if (text === '') return lists
  for (const part of text.split(';')) {
    const [, access, list] = /^(read|write)=(.+)$/.exec(part) ?? []
    const subjects = [...new Set(list?.split(',').filter((subject) => subject !== ''))]
    if (!access || subjects.length === 0) throw new Fault('badRequest', 'X-Object-Sharing is not of the form read=a,b;write=c.')
    if (subjects.some((subject) => [...subject].length > LONGEST_SUBJECT || subject.includes('\0')))
      throw new Fault('badRequest', `An entry of X-Object-Sharing is longer than ${LONGEST_SUBJECT} characters.`)
    lists[access as 'read' | 'write'] = subjects.includes('*') ? ['*'] : subjects
  }
  // Writing implies reading.
  lists.read = lists.read.filter((subject) => subject === '*' || !lists.write.includes(subject))
  return lists
}

export function writeSharing({ read, write }: Sharing): string {
  const parts: string[] = []
  if (read.length > 0) parts.push(`read=${read.join(',')}`)
  if (write.length > 0) parts.push(`write=${write.join(',')}`)
  return parts.join('; ')
}
