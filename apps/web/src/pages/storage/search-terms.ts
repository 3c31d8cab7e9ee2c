// What a person searches files by, and how the object store is asked: terms between commas, such as `Tags=sea,!Draft`.

export type Comparison = 'is there' | 'is not there' | '=' | '!=' | '<' | '<=' | '>' | '>='

export interface Term {
  name: string
  comparison: Comparison
  value: string
}

export const COMPARISONS: { value: Comparison; label: string }[] = [
  { value: '=', label: 'is' },
  { value: '!=', label: 'is not' },
  { value: 'is there', label: 'is there' },
  { value: 'is not there', label: 'is not there' },
  { value: '<', label: 'is before' },
  { value: '<=', label: 'is at most' },
  { value: '>', label: 'is after' },
  { value: '>=', label: 'is at least' },
]

export const takesValue = (comparison: Comparison) => comparison !== 'is there' && comparison !== 'is not there'

export const FIRST: Term = { name: 'Tags', comparison: '=', value: '' }

/** Why the object store cannot be asked that, by the field; undefined when it can. */
export function problemOf({ name, comparison, value }: Term): { name?: string; value?: string } | undefined {
  if (name.trim() === '') return { name: 'A name is needed.' }
  if (/[\s!=<>,]/.test(name.trim())) return { name: 'No blanks, commas and signs of comparison.' }
  if (!takesValue(comparison)) return undefined
  if (value.trim() === '') return { value: 'A value is needed.' }
  return /[\s,]/.test(value.trim()) ? { value: 'Values with blanks or commas cannot be searched for.' } : undefined
}

export const writeTerms = (terms: readonly Term[]): string =>
  terms
    .map(({ name, comparison, value }) => {
      if (comparison === 'is there') return name.trim()
      return comparison === 'is not there' ? `!${name.trim()}` : `${name.trim()}${comparison}${value.trim()}`
    })
    .join(',')

const TERM = /^(!)?([^\s!=<>,]+)(?:(!=|<=|>=|=|<|>)([^\s,]+))?$/

/** What does not make sense is left out, as the object store leaves it out. */
export function readTerms(text: string): Term[] {
  return text.split(',').flatMap((part): Term[] => {
    const [, not, name, comparison, value = ''] = TERM.exec(part.trim()) ?? []
    if (name === undefined || (not !== undefined && comparison !== undefined)) return []
    return [{ name, comparison: (comparison as Comparison | undefined) ?? (not ? 'is not there' : 'is there'), value }]
  })
}
