// The few pages that are made here rather than by the web page: those that other programs lead people to, and that must
// work without scripts. What is put into them is escaped unless it is markup of ours.
import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { Identity } from '../identity.ts'

export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | readonly Markup[] | undefined

/** Markup with parts filled in: html`<p>${name}</p>`. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + written(parts[index - 1]) + string))
}

function written(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(written).join('')
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; display: grid; place-items: center; min-height: 100vh; background: Canvas; color: CanvasText }
main { box-sizing: border-box; width: min(30rem, 100vw); padding: 2rem }
h1 { font-size: 1.4rem; line-height: 1.3; overflow-wrap: anywhere }
p, dd, li { overflow-wrap: anywhere }
dt { font-weight: 600 } dd { margin: 0 0 .75rem }
input[type=password] { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
input[type=text] { font: 1.4rem ui-monospace, monospace; letter-spacing: .1em; padding: .5rem; width: 100%; box-sizing: border-box }
.acts { display: flex; gap: .75rem; margin-top: 1.5rem }
button { font: inherit; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid #0972d3; background: none; color: inherit; cursor: pointer }
button.main { background: #0972d3; color: #fff }
[role=alert] { border-left: .25rem solid #d91515; padding-left: .75rem }
.soft { opacity: .75 }`
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** No scripts, nothing from elsewhere, in nobody's frame. Where a form leads on to is not limited: that is the point of these pages. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`

/** Headers of answers that belong to one person at one moment. */
export const PRIVATE = { 'Cache-Control': 'no-store', Pragma: 'no-cache', 'Referrer-Policy': 'no-referrer' }

export function answerPage(
  { settings }: Identity,
  reply: FastifyReply,
  { title, body, code = 200 }: { title: string; body: Markup; code?: number },
): FastifyReply {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – ${settings.BRANDING_SERVICE_NAME}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<p class="soft">${settings.BRANDING_SERVICE_NAME}</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`
  reply.code(code).headers({ ...PRIVATE, 'Content-Security-Policy': POLICY, 'X-Frame-Options': 'DENY' })
  return reply.type('text/html; charset=utf-8').send(page.text)
}
