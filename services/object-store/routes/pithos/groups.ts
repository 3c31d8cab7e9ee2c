import { Fault } from '@synnefo/lib/fault'
import type { GroupChange, Groups } from '../../groups.ts'
import { encodeHeader, encodeHeaderName, normalisedHeader, type RequestHeaders } from './headers.ts'

const LONGEST = 256
const PREFIX = 'x-account-group-'

/** `X-Account-Group-*` of a request; undefined when there is none. An empty list takes the group away. */
export function readGroups(headers: RequestHeaders, merge: boolean): GroupChange | undefined {
  const limits = { count: 90, nameCharacters: PREFIX.length + LONGEST, valueCharacters: Number.POSITIVE_INFINITY }
  const groups = new Map<string, string[]>()
  for (const [header, list] of Object.entries(headers.withPrefix(PREFIX, limits))) {
    const name = header.slice(PREFIX.length).toLowerCase()
    if (/[-_]/.test(name)) throw new Fault('badRequest', 'The name of a group holds no - and no _.')
    // Lists of those with whom something is shared could not hold such a name.
    if (/[\s,;\p{Cc}]/u.test(name)) throw new Fault('badRequest', 'The name of a group holds no blank, comma or semicolon.')
    const members = [
      ...new Set(
        list
          .replaceAll(' ', '')
          .toLowerCase()
          .split(',')
          .filter((member) => member !== ''),
      ),
    ]
    if (members.some((member) => [...member].length > LONGEST))
      throw new Fault('badRequest', `A member of ${header} is longer than ${LONGEST} characters.`)
    groups.set(name, members)
  }
  return groups.size === 0 ? undefined : { groups, merge }
}

export function groupHeaders(groups: Groups): Record<string, string> {
  const headerOf = (name: string) => encodeHeaderName(`X-Account-Group-${normalisedHeader(name)}`)
  return Object.fromEntries([...groups].map(([name, members]) => [headerOf(name), encodeHeader(members.join(','))]))
}
