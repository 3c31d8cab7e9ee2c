// Where a client may send people back to. An address counts when it is one that was registered, or lies below one: the
// rest begins with a slash, so that https://a.example/cb does not let https://a.example/cb-of-somebody-else in.

/** An absolute address in one spelling: escapes of what is not ASCII, no dots in the path. Undefined for any other text. */
export function normaliseUri(text: string): string | undefined {
  // What a parser would tidy away silently is no address: blanks, line breaks, backslashes for slashes.
  if (/[\s\\]|\p{Cc}/u.test(text) || !/^[a-z][a-z0-9+.-]*:\/?\/?[^/]/i.test(text)) return undefined
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || text.includes('#')) return undefined
  return url.href
}

export function isBelow(uri: string, registered: string): boolean {
  if (uri === registered) return true
  if (registered.includes('?')) return false
  return uri.startsWith(registered.endsWith('/') ? registered : `${registered}/`)
}

/** The address with parameters added to those it has. */
export function withParameters(uri: string, parameters: Record<string, string | undefined>): string {
  const added = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) added.append(name, value)
  return `${uri}${uri.includes('?') ? '&' : '?'}${added}`
}
