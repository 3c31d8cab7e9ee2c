// A connection as a page has it: cookies come back, and changes carry the CSRF token.
import { type Connection, connect } from '@synnefo/clients/http'

export interface PageConnection {
  cloud: Connection
  /** The token that changes carry from now on. */
  keepCsrfToken(token: string): void
}

export function connectPage(baseUrl: string): PageConnection {
  let cookie = ''
  let csrfToken = ''
  const cloud = connect({
    baseUrl,
    async fetch(input, init) {
      const headers = new Headers(init?.headers)
      if (cookie) headers.set('Cookie', cookie)
      if (csrfToken) headers.set('X-CSRF-Token', csrfToken)
      const answer = await fetch(input, { ...init, headers })
      for (const set of answer.headers.getSetCookie()) if (set.startsWith('sessionid=')) cookie = set.split(';')[0]!
      return answer
    },
  })
  return {
    cloud,
    keepCsrfToken(token) {
      csrfToken = token
    },
  }
}
