// The ways there and back in a real browser: its rules on cookies of other sites decide whether they work.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { findFreePort } from '@synnefo/lib/free-port'
import { PATIENCE_MS } from '@synnefo/lib/testing'
import { chromium } from 'playwright-core'
import { expect, type onTestFinished, test } from 'vitest'
import { openTestApi } from '../routes/open-test-api.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { openTestProvider } from './testing/openid-provider.ts'
import { openTestSamlProvider } from './testing/saml-provider.ts'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update']

async function openChromium(finished: typeof onTestFinished) {
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS })
  finished(() => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  return context.newPage()
}

/** The cloud is `localhost` and providers are 127.0.0.1: two sites, as browsers see it. */
async function openCloud(finished: typeof onTestFinished, settings: (home: string) => Promise<Partial<IdentitySettings>>) {
  const port = await findFreePort('localhost')
  const home = `http://localhost:${port}`
  const api = await openTestApi(finished, await settings(home))
  Object.assign(api.identity, { baseUrl: () => home })
  await api.app.listen({ host: 'localhost', port })
  return { ...api, home }
}

test('a browser goes to an OpenID provider and comes back signed in', async ({ onTestFinished }) => {
  const { home } = await openCloud(onTestFinished, async (base) => {
    const provider = await openTestProvider(onTestFinished, [`${base}/astakos/ui/login/oidc/authenticated`])
    provider.person = { sub: '1', email: 'alice@example.test', email_verified: true, given_name: 'Alice', family_name: 'L' }
    return {
      ASTAKOS_IM_MODULES: ['oidc'],
      ASTAKOS_OIDC_ISSUER: provider.issuer,
      ASTAKOS_OIDC_CLIENT_ID: provider.clientId,
      ASTAKOS_OIDC_SECRET: provider.secret,
      ASTAKOS_AUTH_PROVIDER_OIDC_AUTOVERIFY_POLICY: true,
      ASTAKOS_AUTH_PROVIDER_OIDC_USER_ATTR_MAP: {
        email: ['email', false],
        first_name: ['given_name', false],
        last_name: ['family_name', false],
      },
    }
  })
  const page = await openChromium(onTestFinished)
  await page.goto(`${home}/astakos/ui/login/oidc`)
  expect(page.url()).toBe(`${home}/`)
  const session = await page.goto(`${home}/astakos/ui/api/session`)
  expect(await session!.json()).toMatchObject({ user: { email: 'alice@example.test' } })
})

test('the page of a SAML provider posts its answer, and the browser that asked is signed in', async ({ onTestFinished }) => {
  let spMetadata = async () => ''
  const provider = await openTestSamlProvider(onTestFinished, { spMetadata: () => spMetadata() })
  const attributes = { givenName: 'Alice', sn: 'Liddell', mail: 'alice@uni.test' }
  const idp = createServer((request, response) => {
    const asked = new URL(request.url!, 'http://127.0.0.1')
    void provider.answer(asked, { nameId: 'alice', attributes }).then((answer) => {
      response.setHeader('Content-Type', 'text/html').end(`
        <form method="post" action="${home}/astakos/ui/login/shibboleth/acs">
          <input type="hidden" name="SAMLResponse" value="${answer}"></form><script>document.forms[0].submit()</script>`)
    })
  })
  await new Promise<void>((resolve) => idp.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    idp.close()
    idp.closeAllConnections()
  })
  const { home } = await openCloud(onTestFinished, async () => ({
    ASTAKOS_IM_MODULES: ['shibboleth'],
    ASTAKOS_SHIBBOLETH_IDP_METADATA: provider.metadataFile,
    ASTAKOS_SHIBBOLETH_IDP_URL: `http://127.0.0.1:${(idp.address() as AddressInfo).port}/sso`,
    ASTAKOS_AUTH_PROVIDER_SHIBBOLETH_AUTOVERIFY_POLICY: true,
    ASTAKOS_AUTH_PROVIDER_SHIBBOLETH_USER_ATTR_MAP: {
      email: ['Shib-Mail', false],
      first_name: ['Shib-InetOrgPerson-givenName', false],
      last_name: ['Shib-Person-surname', false],
    },
  }))
  spMetadata = async () => (await fetch(`${home}/astakos/ui/login/shibboleth/metadata`)).text()
  const page = await openChromium(onTestFinished)
  await page.goto(`${home}/astakos/ui/login/shibboleth`, { waitUntil: 'commit' }) // that page goes on by itself
  await page.waitForURL(`${home}/`)
  const session = await page.goto(`${home}/astakos/ui/api/session`)
  expect(await session!.json()).toMatchObject({ user: { email: 'alice@uni.test' } })
})
