import nodemailer from 'nodemailer'
import type { Mail } from './index.ts'

/** What nodemailer makes a message of. The text is sent as it is: plain, UTF-8, no HTML beside it. */
export function message(mail: Mail) {
  const { id, from, to, subject, text, date } = mail
  return {
    from,
    to,
    subject,
    text,
    date,
    messageId: `<${id}@${domainOf(from)}>`,
    headers: { 'X-Synnefo-Mail': id, 'Auto-Submitted': 'auto-generated' },
    // Nothing in a mail may make us read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' })

/** The mail as it would travel (RFC 5322). */
export async function compose(mail: Mail): Promise<Buffer> {
  const { message: bytes } = await composer.sendMail(message(mail))
  return bytes as Buffer
}

const domainOf = (address: string) => /@([^\s@<>]+)>?\s*$/.exec(address)?.[1] ?? 'localhost'
