// The query of `meta=` in listings: terms between commas, such as `Quality,!Hidden,Stars>=3`. One that makes no sense is
// left out, as it always was.
import type { MetadataFilter, Operator } from '../../store/listings.ts'
import { normalisedHeader } from '../../wire/header-names.ts'

const TERM = /^(!)?\s*([^\s!=<>,]+)\s*(?:(!=|<=|>=|=|<|>)\s*([^\s,]+))?$/

/** Undefined when nothing is asked. */
export function readMetadataQuery(text: string): MetadataFilter | undefined {
  const some: string[] = []
  const none: string[] = []
  const all: { key: string; operator: Operator; value: string }[] = []
  for (const term of text.split(',')) {
    const [, not, name, operator, value] = TERM.exec(term.trim()) ?? []
    if (name === undefined || name.includes('\0') || value?.includes('\0') || (not && operator)) continue
    const key = normalisedHeader(`x-object-meta-${name}`)
    if (operator !== undefined) all.push({ key, operator: operator as Operator, value: value! })
    else if (not) none.push(key)
    else some.push(key)
  }
  return some.length + none.length + all.length === 0 ? undefined : { some, none, all }
}
