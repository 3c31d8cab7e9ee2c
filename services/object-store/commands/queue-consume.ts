import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type Delivery, openRabbitmq, type Queue } from '@synnefo/engine-queue'
import { flag, option, repeated, type Terminal, UsageError } from '@synnefo/lib/commands'
import { writeJson } from '@synnefo/lib/json'
import { silentLog } from '@synnefo/lib/log'
import { defineCommand } from './define.ts'

const TEST_MESSAGE = { test: '0123456789' }
/** A queue that nobody named goes some time after its only consumer. */
const FORGOTTEN_AFTER_SECONDS = 600

interface Broker {
  host: string | undefined
  port: number
  user: string
  password: string
  vhost: string
}

export const queueConsume = defineCommand({
  name: 'queue-consume',
  summary: 'Show what is published to the queue, or hand it to a program',
  description:
    'Each message is printed as one line of JSON: {"key", "body"}. With --callback it goes to the standard input of a program instead, one at a time; a message whose program fails goes to the dead letters, the queue <name>-dl. Messages of a named queue wait while nobody consumes it. Ends when it is interrupted. The queue is that of the cloud (AMQP_HOSTS, or the database) unless a host is given.',
  input: {
    queue: option('name of the queue, which is made and stays; by default one for this call', { placeholder: 'name' }),
    exchange: option('exchange that it is bound to; by default the setting PITHOS_EVENTS_EXCHANGE', { placeholder: 'name' }),
    key: repeated('routing key, such as pithos.object or pithos.#; by default all', { placeholder: 'key' }),
    callback: option('command for the shell that is handed each message', { placeholder: 'command' }),
    messages: option('end after so many', { placeholder: 'number', read: readCount }),
    test: flag('publish a message for trying out, by the first key, and end'),
    host: option('RabbitMQ broker to use', { placeholder: 'host' }),
    port: option('its port', { placeholder: 'number', read: readCount, default: 5672 }),
    user: option('user to sign in as', { placeholder: 'name', default: 'guest' }),
    password: option('password of that user', { placeholder: 'password', default: 'guest' }),
    vhost: option('virtual host', { placeholder: 'name', default: '/' }),
  },
  async run({ objectStore, queue: ours, terminal }, { queue: name, key: keys, callback, messages, test, ...rest }) {
    const { exchange = objectStore.settings.PITHOS_EVENTS_EXCHANGE, ...broker } = rest
    const queue = openBroker(broker) ?? ours
    try {
      if (test) await queue.publish(exchange, [{ key: keys[0] ?? 'test', body: TEST_MESSAGE }])
      else {
        const order = {
          name: name ?? `queue-consume-${randomUUID()}`,
          exchange,
          keys: keys.length > 0 ? keys : ['#'],
          ...(name === undefined ? { expiresAfterSeconds: FORGOTTEN_AFTER_SECONDS } : {}),
        }
        await consume(queue, order, { terminal, callback, messages })
      }
    } finally {
      if (queue !== ours) await queue.close()
    }
  },
})

function openBroker({ host, port, user, password, vhost }: Broker): Queue | undefined {
  if (host === undefined) return undefined
  const [who, secret, where] = [user, password, vhost].map(encodeURIComponent)
  return openRabbitmq({ urls: [`amqp://${who}:${secret}@${host}:${port}/${where}`], log: silentLog })
}

interface Wanted {
  terminal: Terminal
  callback: string | undefined
  messages: number | undefined
}

async function consume(
  queue: Queue,
  order: Parameters<Queue['consume']>[0],
  { terminal, callback, messages = Number.POSITIVE_INFINITY }: Wanted,
): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const end = () => ended.resolve()
  process.once('SIGINT', end).once('SIGTERM', end)
  let taken = 0
  async function handle(delivery: Delivery): Promise<void> {
    taken += 1
    // Whoever waits for the last one must not take another.
    if (taken > messages) await new Promise(() => {})
    const line = writeJson({ key: delivery.key, body: delivery.body })
    try {
      if (callback === undefined) terminal.line(line)
      else await runCallback(callback, line)
    } catch (error) {
      terminal.error(`${(error as Error).message}: ${line}`)
      throw error
    } finally {
      if (taken === messages) end()
    }
  }
  const consumer = await queue.consume(order, { handle })
  await ended.promise
  process.off('SIGINT', end).off('SIGTERM', end)
  await consumer.close(taken > messages ? 0 : undefined)
}

async function runCallback(command: string, line: string): Promise<void> {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'inherit', 'inherit'] })
  child.stdin.on('error', () => {}) // it need not read
  child.stdin.end(`${line}\n`)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (code !== 0) throw new Error(`the program ended with ${signal ?? code}`)
}

function readCount(word: string): number {
  if (!/^[1-9]\d{0,8}$/.test(word)) throw new UsageError(`'${word}' is no number above zero`)
  return Number(word)
}
