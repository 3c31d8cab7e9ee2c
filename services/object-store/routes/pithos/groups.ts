import { Fault } from '@synnefo/lib/fault'
import type { GroupChange, Groups } from '../../groups.ts'
import { normalisedHeader } from '../../wire/header-names.ts'
import { groupNameRefusal, LONGEST_SUBJECT } from '../../wire/limits.ts'
import { encodeHeader, encodeHeaderName, type RequestHeaders } from './headers.ts'

const PREFIX = 'x-account-group-'

/** `X-Account-Group-*` of a request; undefined when there is none. An empty list takes the group away. */
export function readGroups(headers: RequestHeaders, merge: boolean): GroupChange | undefined {
  const limits = { count: 90, nameCharacters: PREFIX.length + LONGEST_SUBJECT, valueCharacters: Number.POSITIVE_INFINITY }
  const groups = new Map<string, string[]>()
  for (const [header, list] of Object.entries(headers.withPrefix(PREFIX, limits))) {
    const name = header.slice(PREFIX.length).toLowerCase()
    const refusal = groupNameRefusal(name)
    if (refusal) throw new Fault('badRequest', refusal)
    const members = [
      ...new Set(
        list
          .replaceAll(' ', '')
          .toLowerCase()
          .split(',')
          .filter((member) => member !== ''),
      ),
    ]
    if (members.some((member) => [...member].length > LONGEST_SUBJECT))
      throw new Fault('badRequest', `A member of ${header} is longer than ${LONGEST_SUBJECT} characters.`)
    groups.set(name, members)
  }
  return groups.size === 0 ? undefined : { groups, merge }
}

export function groupHeaders(groups: Groups): Record<string, string> {
  const headerOf = (name: string) => encodeHeaderName(`X-Account-Group-${normalisedHeader(name)}`)
  return Object.fromEntries([...groups].map(([name, members]) => [headerOf(name), encodeHeader(members.join(','))]))
}
