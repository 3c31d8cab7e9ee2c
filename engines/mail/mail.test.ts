import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { expect, type onTestFinished, test } from 'vitest'
import { END_OF_MAIL } from './console.ts'
import { mailerContract } from './contract.ts'
import { type Mail, MailRefused, openConsole, openFiles, openSimulated, openSmtp } from './index.ts'

const REFUSED = 'nobody@example.test'

async function temporaryFolder(finished: typeof onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-mail-'))
  finished(() => rm(folder, { recursive: true }))
  return folder
}

/** A real SMTP server on a port of its own that keeps what it is sent. */
async function openReceiver(finished: typeof onTestFinished) {
  const received: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      if (address === REFUSED) done(Object.assign(new Error('No such mailbox'), { responseCode: 550 }))
      else done()
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        received.push(await parsed(Buffer.concat(chunks)))
        done()
      })
    },
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  finished(() => new Promise<void>((closed) => server.close(() => closed())))
  return { port: (server.server.address() as AddressInfo).port, received }
}

/** A mail as it travelled; its id stands in the Message-ID. */
async function parsed(content: Buffer | string): Promise<Mail> {
  const { from, to, subject, text, date, messageId } = await PostalMime.parse(content)
  return {
    id: /^<([^@]+)@/.exec(messageId ?? '')![1]!,
    from: `${from!.name} <${from!.address}>`,
    to: to!.map(({ address }) => address).join(', '),
    subject: subject!,
    text: text!.trimEnd(),
    date: new Date(date!),
  }
}

mailerContract('simulated', async () => {
  const mailer = openSimulated({
    before: ({ to }) => {
      if (to === REFUSED) throw new MailRefused('No such mailbox')
    },
  })
  return { mailer, arrived: async () => [...mailer.sent], refusedAddress: REFUSED }
})

mailerContract('files', async (finished) => {
  const mailer = await openFiles(await temporaryFolder(finished))
  return { mailer, arrived: async () => (await mailer.list(100)).reverse(), refusedAddress: 'not an address' }
})

mailerContract('console', async () => {
  let written = ''
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      written += chunk
      done()
    },
  })
  const arrived = () => Promise.all(written.split(`${END_OF_MAIL}\n`).slice(0, -1).map(parsed))
  return { mailer: openConsole(output), arrived, refusedAddress: 'not an address' }
})

mailerContract('smtp', async (finished) => {
  const { port, received } = await openReceiver(finished)
  const mailer = openSmtp({ host: '127.0.0.1', port })
  finished(() => mailer.close())
  return { mailer, arrived: async () => received, refusedAddress: REFUSED }
})

const welcome: Mail = { id: '1', from: 'a@cloud.test', to: 'b@cloud.test', subject: 's', text: 't', date: new Date() }

test('mail files are private and nothing else stays in the folder', async ({ onTestFinished }) => {
  const folder = join(await temporaryFolder(onTestFinished), 'mail')
  const mailer = await openFiles(folder)
  await mailer.send(welcome)
  const names = await readdir(folder)
  expect(names).toHaveLength(1)
  expect((await stat(join(folder, names[0]!))).mode & 0o777).toBe(0o600)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('a server that is down is a failure that may pass', async ({ onTestFinished }) => {
  const nowhere = openSmtp({ host: '127.0.0.1', port: 1 })
  onTestFinished(() => nowhere.close())
  const failure = await nowhere.send(welcome).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).not.toBeInstanceOf(MailRefused)
})
