import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { type OnTestFinished, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { webPage } from './web-page.ts'

const PAGE = '<!doctype html><title>Synnefo</title>'
const SCRIPT = 'console.log(1)'.repeat(20)

async function openPage(onTestFinished: OnTestFinished) {
  const folder = await temporaryFolder(onTestFinished)
  await mkdir(join(folder, 'assets'))
  const shrunk = brotliCompressSync(SCRIPT)
  await writeFile(join(folder, 'index.html'), PAGE)
  await writeFile(join(folder, 'assets/main-1.js'), SCRIPT)
  await writeFile(join(folder, 'assets/main-1.js.br'), shrunk)
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const files = [
    { path: 'index.html', bytes: PAGE.length, sha256: sha256(PAGE), immutable: false },
    { path: 'assets/main-1.js', bytes: SCRIPT.length, brotliBytes: shrunk.length, sha256: sha256(SCRIPT), immutable: true },
  ]
  await writeFile(join(folder, 'files.json'), JSON.stringify({ files }))
  const app = openHttp({ log: silentLog })
  await app.register(webPage, { folder })
  return app
}

test.for(['/', '/servers', '/servers/12', '/storage/my%20files', '/astakos/ui/login', '/cyclades/ui/machines'])(
  '%s is the page',
  async (url, { onTestFinished }) => {
    const answer = await (await openPage(onTestFinished)).inject(url)
    expect([answer.statusCode, answer.body]).toEqual([200, PAGE])
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'")
    expect(answer.headers['cache-control']).toBe('no-cache')
  },
)

test.for(['/astakos/nothing', '/pithos/v1/me', '/cyclades/nothing', '/ui/nothing', '/health/nothing'])(
  '%s is not the page',
  async (url, { onTestFinished }) => {
    expect((await (await openPage(onTestFinished)).inject(url)).statusCode).toBe(404)
  },
)

test('a file that names its content is kept for ever, and sent compressed to whoever can read that', async ({
  onTestFinished,
}) => {
  const app = await openPage(onTestFinished)
  const plain = await app.inject('/assets/main-1.js')
  expect([plain.body, plain.headers['content-encoding']]).toEqual([SCRIPT, undefined])
  expect(plain.headers['cache-control']).toContain('immutable')
  const shrunk = await app.inject({ url: '/assets/main-1.js', headers: { 'accept-encoding': 'gzip, br' } })
  expect(shrunk.headers['content-encoding']).toBe('br')
  expect(brotliDecompressSync(shrunk.rawPayload).toString()).toBe(SCRIPT)
  expect(shrunk.headers.etag).not.toBe(plain.headers.etag)
})

test('what a browser has is not sent again', async ({ onTestFinished }) => {
  const app = await openPage(onTestFinished)
  const { etag } = (await app.inject('/')).headers
  const again = await app.inject({ url: '/', headers: { 'if-none-match': etag as string } })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})
