import { ApiError } from '@synnefo/clients/http'

/** A failure in words for the person at the page: the API's own when it spoke. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    return error.details && !error.message.includes(error.details) ? `${error.message} (${error.details})` : error.message
  }
  return error instanceof Error ? error.message : String(error)
}

/** Gives a refusal to the form field that its message names; '' when it names none. */
export function blamedField<Field extends string>(error: unknown, words: Record<Field, RegExp>): Field | '' {
  if (error === null || error === undefined) return ''
  const message = explain(error)
  for (const field of Object.keys(words) as Field[]) if (words[field].test(message)) return field
  return ''
}
