// Mail by SMTP, through one pooled connection or a few.
import nodemailer from 'nodemailer'
import { message } from './compose.ts'
import { checkMailId, MailRefused } from './errors.ts'
import type { Mailer } from './index.ts'

export interface SmtpServer {
  host: string
  port: number
  user?: string
  password?: string
  /** STARTTLS is demanded (TLS from the first byte on port 465). Otherwise it is used when offered. */
  tls?: boolean
}

/** A server that answers slower than this counts as down. */
const PATIENCE_MS = 20_000

export function openSmtp({ host, port, user, password, tls = false }: SmtpServer): Mailer {
  const transport = nodemailer.createTransport({
    pool: true,
    host,
    port,
    secure: tls && port === 465,
    requireTLS: tls,
    // Offered encryption is better than none even with a certificate nobody vouches for; demanded encryption is checked.
    tls: { rejectUnauthorized: tls },
    auth: user ? { user, pass: password ?? '' } : undefined,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    maxConnections: 4,
  })
  return {
    can: { keep: false },
    async send(mail) {
      checkMailId(mail.id)
      try {
        await transport.sendMail(message(mail))
      } catch (error) {
        if (isFinal(error)) throw new MailRefused(error.message, { cause: error })
        throw error
      }
    },
    list: async () => [],
    read: async () => undefined,
    close: async () => transport.close(),
  }
}

/** 5xx about the sender, a recipient or the text is the server's last word; 5xx at login may be our own password. */
function isFinal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code, responseCode } = error as Error & { code?: string; responseCode?: number }
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && (responseCode === undefined || responseCode >= 500)
}
