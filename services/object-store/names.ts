// What accounts, containers and objects may be called. Lengths count Unicode characters; order is that of UTF-8 bytes.
import { Fault } from '@synnefo/lib/fault'

/** Characters of a name, at most. */
export const LONGEST_NAME = { account: 256, container: 256, object: 1024 }

/** An object's place. */
export interface Place {
  account: string
  container: string
  name: string
}

function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** Refuses a name that cannot be one; says which. */
export function checkName(kind: 'account' | 'container' | 'object', name: string): void {
  if (name === '') throw new Fault('badRequest', `The name of the ${kind} is empty.`)
  if (characters(name) > LONGEST_NAME[kind])
    throw new Fault('badRequest', `The name of the ${kind} is longer than ${LONGEST_NAME[kind]} characters.`)
  if (name.includes('\0')) throw new Fault('badRequest', `The name of the ${kind} holds a NUL character.`)
  if (!name.isWellFormed()) throw new Fault('badRequest', `The name of the ${kind} is not valid Unicode.`)
  if (kind === 'container' && name.includes('/')) throw new Fault('badRequest', 'The name of a container holds no slash.')
}

/** Refuses what cannot be a part of a name. */
export function checkDelimiter(delimiter: string): void {
  if (delimiter.includes('\0')) throw new Fault('badRequest', 'The delimiter holds a NUL character.')
}

export function checkPlace({ account, container, name }: Place): void {
  checkName('account', account)
  checkName('container', container)
  checkName('object', name)
}

/** The first name after all names that start with this prefix, in byte order; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix]
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!
    // Surrogates are no characters, so the successor of U+D7FF in UTF-8 order is U+E000.
    if (last < 0x10ffff) return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}
