// For the tests of the page's calls: a browser that keeps its cookies and shows its CSRF token.
import type { TestApi } from './open-test-api.ts'

export function openTestBrowser({ app }: Pick<TestApi, 'app'>) {
  const cookies = new Map<string, string>()
  let csrfToken = ''
  return {
    /** By name. */
    cookies,
    /** The session's. */
    get cookie() {
      const value = cookies.get('sessionid')
      return value === undefined ? '' : `sessionid=${value}`
    },
    forgetCsrfToken: () => {
      csrfToken = ''
    },
    /** `path` is below the calls of the page, or begins with a slash. */
    async send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object, headers: Record<string, string> = {}) {
      const kept = [...cookies].map(([name, value]) => `; ${name}=${value}`).join('')
      const answer = await app.inject({
        method,
        url: path.startsWith('/') ? path : `/astakos/ui/api/${path}`,
        headers: {
          ...(kept ? { cookie: `theme=dark${kept}` } : {}),
          ...(csrfToken ? { 'x-csrf-token': csrfToken } : {}),
          ...headers,
        },
        ...(payload ? { payload } : {}),
      })
      for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
        if (set.includes('Max-Age=0')) cookies.delete(name!)
        else cookies.set(name!, value!)
      }
      const body = answer.body.startsWith('{') ? answer.json() : undefined
      if (body?.csrfToken) csrfToken = body.csrfToken
      return {
        status: answer.statusCode,
        body,
        text: answer.body,
        headers: answer.headers,
        message: Object.values(body ?? {})[0] as { message?: string; details?: string },
      }
    },
  }
}
