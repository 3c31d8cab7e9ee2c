import { expect, test } from 'vitest'
import type { Identity } from '../../identity.ts'
import { defaultSettings } from '../../testing.ts'
import { safeNext } from './safe-next.ts'

const at = (baseUrl: string, domain = '') =>
  ({ settings: { ...defaultSettings, ASTAKOS_COOKIE_DOMAIN: domain }, baseUrl: () => baseUrl }) as unknown as Identity
const alone = at('https://cloud.example.org')
const shared = at('https://accounts.example.org', '.example.org')

test.for<[Identity, string | undefined, string]>([
  [alone, undefined, '/'],
  [alone, '', '/'],
  [alone, '/servers?x=1#y', '/servers?x=1#y'],
  [alone, 'servers', '/servers'],
  [alone, 'https://cloud.example.org/x', '/x'],
  [alone, 'http://cloud.example.org/x', '/'],
  [alone, 'https://cloud.example.org:8443/x', '/'],
  [alone, 'https://evil.example/', '/'],
  [alone, '//evil.example/', '/'],
  [alone, '/\\evil.example/', '/'],
  [alone, '\\\\evil.example', '/'],
  [alone, '/%0d%0a/evil', '/%0d%0a/evil'],
  [alone, '/.//evil.example', '/'],
  [alone, 'https://cloud.example.org//evil.example', '/'],
  [alone, 'https://cloud.example.org@evil.example/', '/'],
  [alone, 'https://someone@cloud.example.org/', '/'],
  [alone, 'javascript:alert(1)', '/'],
  [alone, 'data:text/html,x', '/'],
  [alone, 'https://pithos.example.org/', '/'],
  [shared, 'https://pithos.example.org/ui?x=1', 'https://pithos.example.org/ui?x=1'],
  [shared, 'https://example.org/', 'https://example.org/'],
  [shared, 'https://EXAMPLE.org/', 'https://example.org/'],
  [shared, 'https://evilexample.org/', '/'],
  [shared, 'https://example.org.evil.example/', '/'],
  [shared, 'http://pithos.example.org/', '/'],
  [shared, 'ftp://pithos.example.org/', '/'],
  [shared, 'https://example.org@evil.example/', '/'],
])('%#: next=%2$s', ([identity, next, target]) => {
  expect(safeNext(identity, next)).toBe(target)
})

test('when nothing is asked for, or what is asked for leads away, people go where the operator chose', () => {
  const chosen = { ...alone, settings: { ...alone.settings, ASTAKOS_LOGIN_SUCCESS_URL: 'https://portal.example/' } }
  expect(safeNext(chosen, undefined)).toBe('https://portal.example/')
  expect(safeNext(chosen, 'https://evil.example/')).toBe('https://portal.example/')
  expect(safeNext(chosen, '/x')).toBe('/x')
  expect(safeNext(chosen, undefined, '/bye')).toBe('/bye')
})
