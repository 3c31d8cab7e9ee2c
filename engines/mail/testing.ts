// For tests: a real SMTP server on a port of its own that keeps what it is sent, and can be down, slow or refuse.
import { type AddressInfo, connect, createServer } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { Mail } from './index.ts'

type Finished = (work: () => void | Promise<void>) => void

export interface ReceiverOptions {
  /** Mails to this address are refused for good. */
  refused?: string
  /** Called before a mail is taken; may wait to make the server slow. */
  before?: (mail: Mail) => void | Promise<void>
}

export interface Receiver {
  port: number
  received: readonly Mail[]
  /** While it is down, connections are cut as soon as they are made. */
  isUp: boolean
}

export async function openReceiver(finished: Finished, { refused, before }: ReceiverOptions = {}): Promise<Receiver> {
  const received: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      if (address === refused) done(Object.assign(new Error('No such mailbox'), { responseCode: 550 }))
      else done()
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const mail = await parsed(Buffer.concat(chunks))
        await before?.(mail)
        received.push(mail)
        done()
      })
    },
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  finished(() => new Promise<void>((closed) => server.close(() => closed())))

  const receiver = { port: 0, received, isUp: true }
  const door = createServer((visitor) => {
    if (!receiver.isUp) return visitor.destroy()
    const inside = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
    visitor.pipe(inside).pipe(visitor)
    for (const end of [visitor, inside]) end.on('error', () => [visitor, inside].map((each) => each.destroy()))
  })
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening))
  finished(() => new Promise<void>((closed) => door.close(() => closed())))
  receiver.port = (door.address() as AddressInfo).port
  return receiver
}

/** A mail as it travelled; its id stands in the Message-ID. */
export async function parsed(content: Buffer | string): Promise<Mail> {
  const { from, to, subject, text, date, messageId } = await PostalMime.parse(content)
  return {
    id: /^<([^@]+)@/.exec(messageId ?? '')![1]!,
    from: from!.name ? `${from!.name} <${from!.address}>` : from!.address!,
    to: to!.map(({ address }) => address).join(', '),
    subject: subject!,
    text: text!.trimEnd(),
    date: new Date(date!),
  }
}
