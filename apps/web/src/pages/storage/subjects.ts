// With whom something is shared, as a list of subjects that each may view or edit.
import type { Sharing } from '@synnefo/clients/object-store'

export type Right = 'read' | 'write'

export interface Entry {
  /** A UUID, a group as `<uuid>:<name>`, or `*` for everybody. */
  subject: string
  right: Right
}

export const RIGHTS: { value: Right; label: string }[] = [
  { value: 'read', label: 'Can view' },
  { value: 'write', label: 'Can edit' },
]

export function entriesOf({ read, write }: Sharing): Entry[] {
  return [
    ...write.map((subject): Entry => ({ subject, right: 'write' })),
    ...read.filter((subject) => !write.includes(subject)).map((subject): Entry => ({ subject, right: 'read' })),
  ]
}

/** Writing implies reading, and everybody includes everyone who is named: lists say nothing twice. */
export function sharingOf(entries: Entry[]): Sharing {
  const having = (right: Right) => entries.filter((entry) => entry.right === right).map(({ subject }) => subject)
  const write = having('write').includes('*') ? ['*'] : having('write')
  if (write[0] === '*') return { read: [], write }
  return { read: having('read').includes('*') ? ['*'] : having('read'), write }
}

/** The same list with a subject in it that has this right. */
export const withEntry = (entries: Entry[], added: Entry): Entry[] => [...without(entries, added.subject), added]

export const without = (entries: Entry[], subject: string): Entry[] => entries.filter((entry) => entry.subject !== subject)

/** What a subject is, for showing it. */
export function kindOf(
  subject: string,
): { kind: 'everybody' } | { kind: 'group'; name: string } | { kind: 'person'; uuid: string } {
  if (subject === '*') return { kind: 'everybody' }
  const colon = subject.indexOf(':')
  return colon === -1 ? { kind: 'person', uuid: subject } : { kind: 'group', name: subject.slice(colon + 1) }
}
