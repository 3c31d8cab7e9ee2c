// What a provider says of the person who came from it, in the words of an account.
import type { IdentitySettings } from '../settings/index.ts'
import { type OtherModule, sourcesSettingName } from '../settings/logins.ts'

export interface Claims {
  module: OtherModule
  /** The permanent name of the person at the provider. */
  identifier: string
  /** Empty where the provider does not say, as the names may be. */
  email: string
  firstName: string
  lastName: string
  affiliation: string
  /** Whether the provider vouches that the address is his. */
  emailIsProven: boolean
  /** Groups that he is in at the provider; null where it tells none. */
  groups: string[] | null
  /** What else is kept of what the provider said. */
  info: Record<string, unknown>
}

export type Field = 'email' | 'firstName' | 'lastName' | 'affiliation'
const SOURCE_OF = { email: 'email', firstName: 'first_name', lastName: 'last_name', affiliation: 'affiliation' } as const
export const FIELDS = Object.keys(SOURCE_OF) as Field[]

/** The fields that the provider decides and the owner of the account may not change. */
export function fixedFields(settings: IdentitySettings, module: OtherModule): Field[] {
  const sources = settings[sourcesSettingName(module)]
  return FIELDS.filter((field) => sources[SOURCE_OF[field]]?.[1] === false)
}

export type Attributes = Readonly<Record<string, unknown>>

/** The fields of an account as the provider's attributes tell them. */
export function readFields(settings: IdentitySettings, module: OtherModule, attributes: Attributes): Record<Field, string> {
  const sources = settings[sourcesSettingName(module)]
  const read = (field: Field) => firstText(attributes[sources[SOURCE_OF[field]]?.[0] ?? ''])
  return {
    email: read('email').toLowerCase(),
    firstName: read('firstName'),
    lastName: read('lastName'),
    affiliation: read('affiliation'),
  }
}

const LONGEST_FIELD = 150

/** The first value as a line of text that may stand in a name. */
export function firstText(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value
  if (typeof first !== 'string' && typeof first !== 'number') return ''
  return String(first)
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_FIELD)
}

const LONGEST_IDENTIFIER = 500

/** An identifier as it is stored and compared: exactly as the provider writes it. Undefined for what cannot be one. */
export function readIdentifier(value: unknown): string | undefined {
  const first = Array.isArray(value) ? value[0] : value
  const text = typeof first === 'number' ? String(first) : first
  if (typeof text !== 'string') return undefined
  return text.trim() === '' || text.length > LONGEST_IDENTIFIER || /\p{Cc}/u.test(text) ? undefined : text
}
