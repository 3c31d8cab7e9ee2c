// A browser as the tests of logins use it: it says where it is sent, and what the page says of what was begun.
import type { TestApi } from '../../routes/open-test-api.ts'
import { openTestBrowser } from '../../routes/open-test-browser.ts'

export function openLoginBrowser(api: Pick<TestApi, 'app'>) {
  const browser = openTestBrowser(api)
  async function send(...request: Parameters<typeof browser.send>) {
    const answer = await browser.send(...request)
    return { ...answer, location: String(answer.headers.location ?? '') }
  }
  return {
    send,
    get: (path: string, headers: Record<string, string> = {}) => send('GET', path, undefined, headers),
    post: (path: string, payload: object = {}, headers: Record<string, string> = {}) => send('POST', path, payload, headers),
    cookies: browser.cookies,
    /** What the page says about what was begun before. */
    outcome: async () => (await send('GET', 'login/outcome')).body.outcome,
    /** Who is signed in; also learns the session's CSRF token. */
    session: async () => (await send('GET', 'session')).body,
  }
}

export type LoginBrowser = ReturnType<typeof openLoginBrowser>
