// Messages through RabbitMQ. One connection publishes and every consumer has its own, so that a broker that slows
// publishers down does not hold up acknowledgements. Lost connections are made again, to any of the hosts.
import { setTimeout as delay } from 'node:timers/promises'
import { parseJson, writeJson } from '@synnefo/lib/json'
import type { Log } from '@synnefo/lib/log'
import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib'
import { QueueUnavailable } from './errors.ts'
import { GRACE_MILLIS, openHandling } from './handling.ts'
import type { Consumer, Consuming, Message, Queue, QueueOrder } from './index.ts'
import { deadLettersOf } from './names.ts'

export interface RabbitmqOptions {
  /** amqp://user:password@host:port/vhost; brokers of one cluster. */
  urls: readonly string[]
  log: Log
}

/** A broker that takes longer counts as down; one that is out of memory or disk blocks publishers for as long as it is. */
const PATIENCE_MS = 10_000
const HEARTBEAT_SECONDS = 20
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000

/** For publishing. */
interface Line {
  model: ChannelModel
  channel: ConfirmChannel
  /** Exchanges that are there. */
  exchanges: Set<string>
  /** Rejects when the line is cut. */
  lost: Promise<never>
}

export function openRabbitmq({ urls, log }: RabbitmqOptions): Queue {
  const consumers = new Set<Consumer>()
  const closing = new AbortController()
  let line: Promise<Line> | undefined
  /** Brokers that are away are not asked by everybody who publishes meanwhile. */
  let awayUntilMs = 0
  let awayMs = SHORTEST_PAUSE_MS

  /** A connection to any of the hosts, tried in any order. */
  async function connectAny(): Promise<ChannelModel> {
    let failure: unknown
    for (const url of urls.toSorted(() => Math.random() - 0.5)) {
      try {
        const model = await connect(withHeartbeat(url), {
          timeout: PATIENCE_MS,
          noDelay: true,
          keepAlive: true,
          keepAliveDelay: 20_000,
        })
        model.on('error', (error) => log.warn({ host: hostOf(url), error }, 'the connection to RabbitMQ broke'))
        return model
      } catch (error) {
        failure = error
        log.warn({ host: hostOf(url), error: messageOf(error) }, 'RabbitMQ cannot be reached')
      }
    }
    throw new QueueUnavailable('no RabbitMQ broker can be reached', { cause: failure })
  }

  async function openLine(): Promise<Line> {
    const model = await connectAny()
    const channel = await model.createConfirmChannel().catch((error) => {
      model.close().catch(() => {})
      throw error
    })
    const cut = Promise.withResolvers<never>()
    cut.promise.catch(() => {})
    const end = (reason: unknown) => {
      if (line === opened) line = undefined
      cut.reject(new QueueUnavailable('the connection to RabbitMQ was lost', { cause: reason }))
      model.close().catch(() => {})
    }
    let reason: unknown
    channel.on('error', (error) => {
      reason = error
    })
    channel.on('close', () => end(reason))
    model.on('close', end)
    const opened = line
    return { model, channel, exchanges: new Set(), lost: cut.promise }
  }

  function currentLine(): Promise<Line> {
    if (closing.signal.aborted) throw new QueueUnavailable('the queue is closed')
    if (line) return line
    if (performance.now() < awayUntilMs) throw new QueueUnavailable('no RabbitMQ broker could be reached a moment ago')
    const opening = openLine()
    line = opening
    opening.then(
      () => {
        awayMs = SHORTEST_PAUSE_MS
      },
      () => {
        if (line === opening) line = undefined
        awayUntilMs = performance.now() + awayMs
        awayMs = Math.min(awayMs * 2, LONGEST_PAUSE_MS)
      },
    )
    return opening
  }

  /** Does something on the line for publishing, as long as the broker answers in time. */
  async function onLine<T>(work: (line: Line) => Promise<T>): Promise<T> {
    const opened = await currentLine()
    const stop = new AbortController()
    const late = delay(PATIENCE_MS, undefined, { signal: stop.signal }).then(() => {
      throw new QueueUnavailable('RabbitMQ did not answer in time')
    })
    late.catch(() => {})
    try {
      return await Promise.race([work(opened), opened.lost, late])
    } catch (error) {
      opened.model.close().catch(() => {})
      throw error
    } finally {
      stop.abort()
    }
  }

  async function publish({ channel, exchanges }: Line, exchange: string, messages: readonly Message[]): Promise<void> {
    if (exchange !== '' && !exchanges.has(exchange)) {
      await channel.assertExchange(exchange, 'topic', { durable: true })
      exchanges.add(exchange)
    }
    const options = { persistent: true, contentType: 'application/json', timestamp: Math.floor(Date.now() / 1000) }
    await Promise.all(
      messages.map(
        ({ key, body }) =>
          new Promise<void>((resolve, reject) => {
            channel.publish(exchange, key, Buffer.from(writeJson(body)), options, (error) =>
              error ? reject(error as Error) : resolve(),
            )
          }),
      ),
    )
  }

  async function startConsumer(order: QueueOrder, { atOnce = 1, handle }: Consuming): Promise<Consumer> {
    const handling = openHandling()
    const stopping = new AbortController()
    const stopped = AbortSignal.any([stopping.signal, closing.signal])
    const first = Promise.withResolvers<void>()
    let current: { model: ChannelModel; channel: Channel; tag: string } | undefined

    async function finish(channel: Channel, message: ConsumeMessage): Promise<void> {
      const key = message.fields.routingKey
      const body = readBody(message)
      if (body === undefined) {
        log.warn({ queue: order.name, key }, 'a message that is not JSON was dropped')
        return channel.ack(message)
      }
      try {
        await handle({ key, body: body.value, redelivered: message.fields.redelivered })
      } catch (error) {
        log.warn({ queue: order.name, key, error }, 'a message could not be handled and goes to the dead letters')
        return channel.reject(message, false)
      }
      channel.ack(message)
    }

    /** Until the connection is gone. */
    async function serve(): Promise<void> {
      const model = await connectAny()
      const ended = new Promise<void>((resolve) => void model.on('close', () => resolve()))
      try {
        const channel = await model.createChannel()
        channel.on('error', (error) => log.warn({ queue: order.name, error }, 'RabbitMQ ended the consumer'))
        channel.on('close', () => void model.close().catch(() => {}))
        await declareOn(channel, order)
        await channel.prefetch(atOnce)
        const { consumerTag: tag } = await channel.consume(order.name, (message) => {
          if (!message) return void channel.close().catch(() => {}) // the queue was removed: make it again
          // An acknowledgement fails only when the line is cut, and then the message comes again.
          handling.add(finish(channel, message).catch((error) => log.debug({ error }, 'not acknowledged')))
        })
        current = { model, channel, tag }
        first.resolve()
        await ended
      } finally {
        current = undefined
        await model.close().catch(() => {})
      }
    }

    async function run(): Promise<void> {
      for (let turn = 0; !stopped.aborted; turn += 1) {
        const beganMs = performance.now()
        await serve().catch((error) =>
          log.warn({ queue: order.name, error: messageOf(error) }, 'the queue cannot be consumed now'),
        )
        if (performance.now() - beganMs > LONGEST_PAUSE_MS) turn = 0
        const pauseMs = Math.min(SHORTEST_PAUSE_MS * 2 ** turn, LONGEST_PAUSE_MS) * (0.8 + Math.random() * 0.4)
        await delay(pauseMs, undefined, { signal: stopped }).catch(() => {})
      }
    }

    const running = run()
    const consumer: Consumer = {
      async close(graceMillis = GRACE_MILLIS) {
        consumers.delete(consumer)
        stopping.abort()
        first.reject(new QueueUnavailable('the consumer was closed'))
        await current?.channel.cancel(current.tag).catch(() => {})
        await handling.settled(graceMillis)
        await current?.model.close().catch(() => {})
        await running
      },
    }
    consumers.add(consumer)
    await first.promise
    return consumer
  }

  return {
    async publish(exchange, messages) {
      if (messages.length > 0) await onLine((opened) => publish(opened, exchange, messages))
    },
    declare: (order) => onLine(({ channel }) => declareOn(channel, order)),
    consume: startConsumer,
    purge: (name) => onLine(async ({ channel }) => (await channel.purgeQueue(name)).messageCount),
    async close(graceMillis) {
      closing.abort()
      await Promise.all([...consumers].map((consumer) => consumer.close(graceMillis)))
      await (await line?.catch(() => undefined))?.model.close().catch(() => {})
    },
  }
}

/** Names and arguments are those of existing clusters: a queue that is there with others is refused by the broker. */
async function declareOn(channel: Channel, { name, exchange, keys, expiresAfterSeconds }: QueueOrder): Promise<void> {
  if (exchange !== '') await channel.assertExchange(exchange, 'topic', { durable: true })
  const isDead = name.endsWith(deadLettersOf(''))
  const isTemporary = expiresAfterSeconds !== undefined
  if (isTemporary) await channel.assertQueue(name, { durable: true, expires: Math.ceil(expiresAfterSeconds * 1000) })
  else if (isDead) await channel.assertQueue(name, { durable: true })
  else if (exchange === '') {
    await channel.assertQueue(deadLettersOf(name), { durable: true })
    const deadLetters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': deadLettersOf(name) }
    await channel.assertQueue(name, { durable: true, arguments: deadLetters })
  } else {
    const deadExchange = deadLettersOf(exchange)
    await channel.assertExchange(deadExchange, 'topic', { durable: true })
    await channel.assertQueue(deadLettersOf(name), { durable: true })
    for (const key of keys) await channel.bindQueue(deadLettersOf(name), deadExchange, key)
    await channel.assertQueue(name, { durable: true, deadLetterExchange: deadExchange })
  }
  for (const key of keys) await channel.bindQueue(name, exchange, key)
}

function readBody({ content }: ConsumeMessage): { value: unknown } | undefined {
  try {
    return { value: parseJson(content.toString('utf8')) }
  } catch {
    return undefined
  }
}

/** Finds lines that broke without a word. */
function withHeartbeat(url: string): string {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS))
  return address.href
}

/** Without the password. */
const hostOf = (url: string) => URL.parse(url)?.host
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
