// What nobody expected is told to the administrators by mail: what was asked and where it broke, without the secrets
// that came with it. An error that repeats is told once in a while, with how often it was not.
import { hostname } from 'node:os'
import { withoutSecrets } from '@synnefo/lib/log'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../identity.ts'
import { identitySettings } from '../settings/index.ts'
import { insertMail } from '../store/mails.ts'
import { isWithin } from '../throttle.ts'
import { recipients } from './recipients.ts'

/** The same error again is mailed after this long. */
const SAME_SECONDS = 600
/** Whatever the errors are. */
const PER_HOUR = 20
const MASK = '********************'

export type ErrorReports = (error: unknown, request: FastifyRequest) => void

/** Answers at once; the report is written to the outbox of mails when it may be. */
export function openErrorReports(identity: Identity): ErrorReports {
  const quietUntil = new Map<string, number>()
  let suppressed = 0

  async function report(error: Error, request: FastifyRequest): Promise<void> {
    const { db, settings, log } = identity
    const to = recipients(settings, 'ADMINS')
    if (to.length === 0) return
    const place = placeOf(error)
    // Asked in memory first: a storm of errors must not become one of statements.
    const isQuiet = (quietUntil.get(place) ?? 0) > Date.now()
    if (!isQuiet) quietUntil.set(place, Date.now() + SAME_SECONDS * 1000)
    if (quietUntil.size > 1000) quietUntil.clear()
    const mayMail =
      !isQuiet &&
      (await isWithin(db, { key: ['error report', place], atMost: 1, windowSeconds: SAME_SECONDS })) &&
      (await isWithin(db, { key: ['error reports'], atMost: PER_HOUR, windowSeconds: 3600 }))
    if (!mayMail) {
      suppressed += 1
      return
    }
    const [subject, body] = [subjectOf(identity, error, request), bodyOf(identity, error, request, suppressed)]
    suppressed = 0
    await db.transaction(async (tx) => {
      for (const recipient of to) await insertMail(tx, { sender: settings.SERVER_EMAIL, recipient, subject, body })
      tx.wakes('identity.send-mails')
    })
    log.info({ place }, 'an error was reported by mail')
  }

  return (error, request) => {
    const known = error instanceof Error ? error : new Error(String(error))
    report(known, request).catch((failure) => identity.log.warn({ error: failure }, 'an error could not be reported'))
  }
}

/** What makes two errors the same: the kind, and the place in the program. */
const placeOf = ({ name, stack = '' }: Error) => `${name} ${/\n\s*at (.*)/.exec(stack)?.[1] ?? ''}`

function subjectOf({ settings }: Identity, error: Error, request: FastifyRequest): string {
  const what = `${request.method} ${request.routeOptions.url ?? pathOf(request)}: ${withoutSecrets(error.message)}`
  return `${settings.EMAIL_SUBJECT_PREFIX}${what}`.replace(/\s+/g, ' ').slice(0, 200)
}

function bodyOf(identity: Identity, error: Error, request: FastifyRequest, suppressed: number): string {
  const { settings } = identity
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]
  const text = [
    `${request.method} ${pathOf(request)} from ${request.ip} on ${hostname()}, ${new Date().toISOString()}`,
    '',
    withoutSecrets(error.stack ?? error.message),
    ...section('Headers', headersOf(identity, request)),
    ...section('Cookies', cookiesOf(identity, request)),
    ...section('Settings that are not the defaults', settingsOf(identity)),
    ...(suppressed > 0 ? ['', `${suppressed} more errors were not mailed before this one; they are in the log.`] : []),
  ].join('\n')
  return text.length > settings.MAIL_MAX_LEN ? `${text.slice(0, settings.MAIL_MAX_LEN)}\n…` : text
}

/** Without the values of the query, which may be tokens; an address may hold one too. */
function pathOf({ url }: FastifyRequest): string {
  const [path = '', query] = url.split('?')
  const names = query ? [...new URLSearchParams(query).keys()].map((name) => `${name}=…`).join('&') : ''
  return withoutSecrets(path) + (names ? `?${names}` : '')
}

function headersOf({ settings }: Identity, { headers }: FastifyRequest): string[] {
  const hidden = settings.HIDDEN_HEADERS.map((name) =>
    name
      .toLowerCase()
      .replace(/^http_/, '')
      .replaceAll('_', '-'),
  )
  return Object.entries(headers).map(
    ([name, value]) => `${name}: ${hidden.includes(name) ? MASK : withoutSecrets(String(value))}`,
  )
}

function cookiesOf({ settings }: Identity, { headers }: FastifyRequest): string[] {
  const pairs = (headers.cookie ?? '').split(';').filter((pair) => pair.trim() !== '')
  return pairs.map((pair) => {
    const [name = '', ...value] = pair.trim().split('=')
    return `${name}: ${settings.HIDDEN_COOKIES.includes(name) || LIKE_A_SECRET.test(name) ? MASK : withoutSecrets(value.join('='))}`
  })
}

const LIKE_A_SECRET = /token|secret|pass|session|csrf|key/i

function settingsOf({ settings }: Identity): string[] {
  const hidden = new RegExp(settings.HIDDEN_SETTINGS, 'i')
  return Object.entries(identitySettings)
    .map(([name, { default: value }]) => [name, value, settings[name as keyof typeof settings]] as const)
    .filter(([, value, now]) => JSON.stringify(value) !== JSON.stringify(now))
    .map(([name, , now]) => `${name} = ${hidden.test(name) ? MASK : withoutSecrets(JSON.stringify(now))}`)
}
