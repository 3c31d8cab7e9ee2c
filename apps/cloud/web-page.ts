// The files of the web UI, as its build left them, and its one page for every address that is not an API's.
import { createReadStream, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Plugin } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'

interface BuiltFile {
  path: string
  bytes: number
  brotliBytes?: number
  sha256: string
  /** Its name changes with its content. */
  immutable: boolean
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

// The terminal and the components write style elements at run time; scripts only ever come from our files.
const POLICY = [
  "default-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
]
/** Where the widget of reCAPTCHA comes from, for operators who chose it. */
const RECAPTCHA = 'https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/'

const policy = (recaptcha: boolean) =>
  [...POLICY, `script-src 'self'${recaptcha ? ` ${RECAPTCHA}` : ''}`, ...(recaptcha ? [`frame-src ${RECAPTCHA}`] : [])].join('; ')

/** What the first word of an address must not be to be one of the page's. */
const NOT_PAGES = '(^(?!(?:astakos|pithos|cyclades|health|ui)$).*$)'
/** Pages of the original web UI: bookmarks and mails lead there, the page knows where to go on. */
const CLASSIC_PAGES = ['/astakos/ui', '/pithos/ui', '/cyclades/ui']

export const webPage: Plugin<{ folder: string; recaptcha?: boolean }> = async (app, { folder, recaptcha = false }) => {
  const securityPolicy = policy(recaptcha)
  const { files } = JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) as { files: BuiltFile[] }
  const page = files.find(({ path }) => path === 'index.html')!
  const get = (url: string, file: BuiltFile) =>
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: (request, reply) => send({ folder, securityPolicy }, file, request, reply),
    })

  for (const file of files) get(`/${file.path}`, file)
  get('/', page)
  get(`/:page${NOT_PAGES}`, page)
  get(`/:page${NOT_PAGES}/*`, page)
  for (const url of CLASSIC_PAGES) get(`${url}/*`, page)
}

function send(
  { folder, securityPolicy }: { folder: string; securityPolicy: string },
  { path, bytes, brotliBytes, sha256, immutable }: BuiltFile,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const isShrunk = brotliBytes !== undefined && /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const etag = `"${sha256.slice(0, 32)}${isShrunk ? '-br' : ''}"`
  reply.headers({
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: etag,
    Vary: 'Accept-Encoding',
    'Content-Security-Policy': securityPolicy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
  })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  reply.header('Content-Length', isShrunk ? brotliBytes : bytes)
  if (isShrunk) reply.header('Content-Encoding', 'br')
  if (request.method === 'HEAD') return reply.send()
  return reply.send(createReadStream(join(folder, isShrunk ? `${path}.br` : path)))
}
