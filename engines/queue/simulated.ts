// Messages in memory: for tests, which also need brokers that are down.
import { parseJson, writeJson } from '@synnefo/lib/json'
import { QueueUnavailable } from './errors.ts'
import { GRACE_MILLIS, openHandling } from './handling.ts'
import type { Consumer, Consuming, Message, Queue, QueueOrder } from './index.ts'
import { deadLettersOf, patternOf } from './names.ts'

interface Waiting {
  key: string
  body: string
  redelivered: boolean
}

interface SimulatedConsumer {
  consuming: Consuming
  handling: ReturnType<typeof openHandling>
  /** Given to it and not done. */
  held: Set<Waiting>
}

interface Kept {
  waiting: Waiting[]
  bindings: { exchange: string; pattern: RegExp }[]
  deadLetters: boolean
  consumers: Set<SimulatedConsumer>
}

/** What outlives the processes that use it. */
export interface SimulatedBroker {
  queues: Map<string, Kept>
  /** While it is down nothing is taken and nothing handed out. */
  isUp: boolean
}

export interface SimulatedQueue extends Queue {
  readonly broker: SimulatedBroker
  /** Takes the broker down, or up again. */
  setUp(isUp: boolean): void
}

export function openSimulated(broker: SimulatedBroker = { queues: new Map(), isUp: true }): SimulatedQueue {
  const open = new Set<Consumer>()

  function checkUp() {
    if (!broker.isUp) throw new QueueUnavailable('the simulated broker is down')
  }

  function declare({ name, exchange, keys, expiresAfterSeconds }: QueueOrder): Kept {
    const deadLetters = expiresAfterSeconds === undefined
    const kept = broker.queues.get(name) ?? { waiting: [], bindings: [], deadLetters, consumers: new Set() }
    kept.bindings.push(...keys.map((key) => ({ exchange, pattern: new RegExp(patternOf(key)) })))
    broker.queues.set(name, kept)
    const dead = deadLettersOf(name)
    if (deadLetters && !broker.queues.has(dead) && !name.endsWith(deadLettersOf('')))
      broker.queues.set(dead, { waiting: [], bindings: [], deadLetters: false, consumers: new Set() })
    return kept
  }

  function put(kept: Kept, message: Message): void {
    kept.waiting.push({ key: message.key, body: writeJson(message.body), redelivered: false })
    handOut(kept)
  }

  function handOut(kept: Kept): void {
    for (const consumer of kept.consumers) {
      const { consuming, handling, held } = consumer
      while (broker.isUp && handling.count < (consuming.atOnce ?? 1)) {
        const next = kept.waiting.shift()
        if (!next) return
        held.add(next)
        const { key, body, redelivered } = next
        const handled = async () => consuming.handle({ key, body: parseJson(body), redelivered })
        const work = handled().then(
          () => finish(kept, consumer, next),
          () => fail(kept, consumer, next),
        )
        handling.add(work)
      }
    }
  }

  function finish(kept: Kept, { held }: SimulatedConsumer, message: Waiting): void {
    held.delete(message)
    setImmediate(handOut, kept)
  }

  function fail(kept: Kept, consumer: SimulatedConsumer, message: Waiting): void {
    const [name] = [...broker.queues].find(([, each]) => each === kept) ?? []
    const dead = kept.deadLetters && name !== undefined ? broker.queues.get(deadLettersOf(name)) : undefined
    if (consumer.held.has(message) && dead) {
      dead.waiting.push({ ...message, redelivered: false })
      setImmediate(handOut, dead)
    }
    finish(kept, consumer, message)
  }

  return {
    broker,
    setUp(isUp) {
      broker.isUp = isUp
      for (const kept of broker.queues.values()) handOut(kept)
    },
    async publish(exchange, messages) {
      checkUp()
      for (const message of messages) {
        for (const [name, kept] of broker.queues) {
          const isBound = kept.bindings.some(
            (binding) => binding.exchange === exchange && binding.pattern.test(`${message.key}.`),
          )
          if (exchange === '' ? name === message.key : isBound) put(kept, message)
        }
      }
    },
    async declare(order) {
      checkUp()
      declare(order)
    },
    async consume(order, consuming) {
      checkUp()
      const kept = declare(order)
      const consumer: SimulatedConsumer = { consuming, handling: openHandling(), held: new Set() }
      kept.consumers.add(consumer)
      handOut(kept)
      const closing: Consumer = {
        async close(graceMillis = GRACE_MILLIS) {
          open.delete(closing)
          kept.consumers.delete(consumer)
          await consumer.handling.settled(graceMillis)
          kept.waiting.unshift(...[...consumer.held].map((message) => ({ ...message, redelivered: true })))
          consumer.held.clear()
          handOut(kept)
        },
      }
      open.add(closing)
      return closing
    },
    async purge(name) {
      checkUp()
      return broker.queues.get(name)?.waiting.splice(0).length ?? 0
    },
    close: async (graceMillis) => void (await Promise.all([...open].map((consumer) => consumer.close(graceMillis)))),
  }
}
