import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect, type onTestFinished, test } from 'vitest'
import { END_OF_MAIL } from './console.ts'
import { mailerContract } from './contract.ts'
import { type Mail, MailRefused, openConsole, openFiles, openSimulated, openSmtp } from './index.ts'
import { openReceiver, parsed } from './testing.ts'

const REFUSED = 'nobody@example.test'

async function temporaryFolder(finished: typeof onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-mail-'))
  finished(() => rm(folder, { recursive: true }))
  return folder
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
  const receiver = await openReceiver(finished, { refused: REFUSED })
  const mailer = openSmtp({ host: '127.0.0.1', port: receiver.port })
  finished(() => mailer.close())
  return { mailer, arrived: async () => [...receiver.received], refusedAddress: REFUSED }
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
