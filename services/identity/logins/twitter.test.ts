// Twitter speaks OAuth 2: a code for a token, and the token for who it is.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from '@synnefo/lib/sql'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import { createTestUser } from '../testing.ts'
import { openLoginBrowser } from './testing/browser.ts'

/** What Twitter does, as far as we see it. It agrees to everything that comes with the right verifier. */
async function openTestTwitter(finished: typeof onTestFinished) {
  const challenges = new Map<string, string>()
  const seen: { authorization: string; bearer: string } = { authorization: '', bearer: '' }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    response.setHeader('Content-Type', 'application/json')
    if (request.url === '/token') {
      const form = new URLSearchParams(body)
      const verifier = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      seen.authorization = request.headers.authorization ?? ''
      if (challenges.get(form.get('code') ?? '') !== verifier) {
        response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant' }))
      } else response.end(JSON.stringify({ access_token: 'the-token', token_type: 'bearer' }))
    } else {
      seen.bearer = request.headers.authorization ?? ''
      response.end(JSON.stringify({ data: { id: '12345678901234567890', name: 'Alice L', username: 'alice' } }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  finished(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, seen, agree: (asked: URL, code = 'a-code') => challenges.set(code, asked.searchParams.get('code_challenge')!) }
}

test.for(['right', 'wrong'] as const)('a person of Twitter comes back with the %s code', async (kind, { onTestFinished }) => {
  const twitter = await openTestTwitter(onTestFinished)
  const api = await openTestApi(onTestFinished, {
    ASTAKOS_IM_MODULES: ['twitter'],
    ASTAKOS_TWITTER_TOKEN: 'the-cloud',
    ASTAKOS_TWITTER_SECRET: 'a secret',
    ASTAKOS_TWITTER_AUTH_FORCE_LOGIN: true,
    ASTAKOS_TWITTER_AUTHORIZATION_URL: `${twitter.origin}/authorize`,
    ASTAKOS_TWITTER_TOKEN_URL: `${twitter.origin}/token`,
    ASTAKOS_TWITTER_USER_URL: `${twitter.origin}/me`,
  })
  const { id, uuid } = await createTestUser(api.identity)
  await api.db.run(sql`
    INSERT INTO identity.auth_providers (user_id, is_verified, module, identifier) VALUES (${id}, true, 'twitter', '12345678901234567890')`)
  const browser = openLoginBrowser(api)
  const asked = new URL((await browser.get('/astakos/ui/login/twitter')).location)
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    client_id: 'the-cloud',
    redirect_uri: 'http://cloud.test/astakos/ui/login/twitter/authenticated',
    code_challenge_method: 'S256',
    force_login: 'true',
  })
  twitter.agree(asked)
  const back = new URLSearchParams({ code: kind === 'right' ? 'a-code' : 'another', state: asked.searchParams.get('state')! })
  const answer = await browser.get(`/astakos/ui/login/twitter/authenticated?${back}`)
  if (kind === 'wrong') {
    expect(answer.location).toBe('/astakos/ui/login?outcome=')
    return expect(await browser.outcome()).toMatchObject({ type: 'error', text: expect.stringContaining('Start again') })
  }
  expect((await browser.session()).user).toMatchObject({ uuid })
  expect(twitter.seen.authorization).toMatch(/^Basic /)
  expect(twitter.seen.bearer).toMatch(/^bearer the-token$/i)
  const [link] = await api.db.any(sql`SELECT info FROM identity.auth_providers WHERE module = 'twitter'`)
  expect(link).toMatchObject({ info: { screen_name: 'alice' } })
})
