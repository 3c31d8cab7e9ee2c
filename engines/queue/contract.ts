// What every implementation of `Queue` promises, as tests.
import { describe, expect, type onTestFinished, test } from 'vitest'
import type { Delivery, Queue, QueueOrder } from './index.ts'

export interface QueueUnderTest {
  queue: Queue
  /** Another process at the same broker. */
  openAnother(): Queue
  /** Cuts all lines to the broker and keeps others from being made, until the answered function is called. */
  interrupt(): Promise<() => void | Promise<void>>
  /** No other test uses these. */
  exchange: string
  name: string
}

/** Everything that comes into a queue, in order, and a way to wait for it. */
async function gather(queue: Queue, order: QueueOrder, atOnce = 1) {
  const deliveries: Delivery[] = []
  const consumer = await queue.consume(order, { atOnce, handle: async (delivery) => void deliveries.push(delivery) })
  const bodies = () => deliveries.map(({ body }) => body)
  const come = (expected: unknown[]) => expect.poll(bodies).toEqual(expected)
  return { deliveries, bodies, come, consumer }
}

const messages = (...bodies: unknown[]) => bodies.map((body) => ({ key: 'pithos.object', body }))

export function queueContract(name: string, openUnderTest: (finished: typeof onTestFinished) => Promise<QueueUnderTest>): void {
  describe(`queue: ${name}`, () => {
    test('a message goes once to every queue that is bound by a matching key', async ({ onTestFinished }) => {
      const { queue, exchange, name } = await openUnderTest(onTestFinished)
      const bindings: Record<string, string[]> = {
        exact: ['pithos.object'],
        'one-word': ['pithos.*'],
        words: ['pithos.#'],
        middle: ['*.resource.*'],
        all: ['#'],
        several: ['pithos.object', 'pithos.*', 'eventd.heartbeat'],
        'hash-in-front': ['#.diskspace'],
        odd: ['pith+s.object', 'pithos_object', 'pithos'],
      }
      const keys = ['pithos.object', 'pithos.resource.diskspace', 'pithos', 'eventd.heartbeat', 'pithosXobject']
      const got = new Map<string, Awaited<ReturnType<typeof gather>>>()
      for (const [each, bound] of Object.entries(bindings))
        got.set(each, await gather(queue, { name: `${name}-${each}`, exchange, keys: bound }))
      await queue.publish(
        exchange,
        keys.map((key) => ({ key, body: key })),
      )
      await got.get('all')!.come(keys)
      await got.get('exact')!.come(['pithos.object'])
      await got.get('one-word')!.come(['pithos.object'])
      await got.get('words')!.come(['pithos.object', 'pithos.resource.diskspace', 'pithos'])
      await got.get('middle')!.come(['pithos.resource.diskspace'])
      await got.get('several')!.come(['pithos.object', 'eventd.heartbeat'])
      await got.get('hash-in-front')!.come(['pithos.resource.diskspace'])
      await got.get('odd')!.come(['pithos'])
    })

    test('what is published before anybody listens waits, arrives in order and unharmed', async ({ onTestFinished }) => {
      const { queue, exchange, name } = await openUnderTest(onTestFinished)
      const order = { name, exchange, keys: ['pithos.#'] }
      await queue.declare(order)
      await queue.declare(order)
      const bodies = [...Array(50).keys(), { λ: 'Γειά σου', big: 9_223_372_036_854_775_807n, list: [null, 'a"b\n'] }, '']
      await queue.publish(exchange, messages(...bodies))
      await queue.publish(`${exchange}-other`, messages('elsewhere'))
      const { come, deliveries } = await gather(queue, order)
      await come(bodies)
      expect(deliveries[0]).toEqual({ key: 'pithos.object', body: 0, redelivered: false })
    })

    test('publishing where nobody listens, and publishing nothing, is no error', async ({ onTestFinished }) => {
      const { queue, exchange } = await openUnderTest(onTestFinished)
      await queue.publish(exchange, messages('heard by nobody'))
      await queue.publish(exchange, [])
    })

    test('a message can be sent to a queue by its name', async ({ onTestFinished }) => {
      const { queue, name } = await openUnderTest(onTestFinished)
      const { come } = await gather(queue, { name, exchange: '', keys: [], expiresAfterSeconds: 600 })
      await queue.publish('', [
        { key: name, body: 'for you' },
        { key: `${name}-other`, body: 'for nobody' },
        { key: name, body: 'too' },
      ])
      await come(['for you', 'too'])
    })

    test('what was not done when its consumer went away comes to another one; what was done does not', async ({
      onTestFinished,
    }) => {
      const { queue, openAnother, exchange, name } = await openUnderTest(onTestFinished)
      const order = { name, exchange, keys: ['#'] }
      const begun = Promise.withResolvers<void>()
      const handled: unknown[] = []
      const consumer = await queue.consume(order, {
        atOnce: 2,
        handle: async ({ body }) => {
          if (body !== 'stuck') return void handled.push(body)
          begun.resolve()
          await new Promise(() => {})
        },
      })
      await queue.publish(exchange, messages('done', 'stuck', 'done too'))
      await begun.promise
      await expect.poll(() => handled).toEqual(['done', 'done too'])
      await consumer.close(0)
      const { come, deliveries } = await gather(openAnother(), order)
      await come(['stuck'])
      expect(deliveries[0]?.redelivered).toBe(true)
    })

    test('a message whose handling fails goes to the dead letters, and the others go on', async ({ onTestFinished }) => {
      const { queue, exchange, name } = await openUnderTest(onTestFinished)
      const order = { name, exchange, keys: ['pithos.#'] }
      const handled: unknown[] = []
      await queue.consume(order, {
        handle: async ({ body }) => {
          if (body === 'bad') throw new Error('cannot be handled')
          handled.push(body)
        },
      })
      await queue.publish(exchange, messages('good', 'bad', 'better'))
      await expect.poll(() => handled).toEqual(['good', 'better'])
      const { come, deliveries } = await gather(queue, { name: `${name}-dl`, exchange: '', keys: [] })
      await come(['bad'])
      expect(deliveries[0]?.key).toBe('pithos.object')
    })

    test('consumers of one queue share its messages, and none handles more at once than it wants', async ({ onTestFinished }) => {
      const { queue, openAnother, exchange, name } = await openUnderTest(onTestFinished)
      const order = { name, exchange, keys: ['#'] }
      const bodies = [...Array(40).keys()]
      const seen: unknown[] = []
      const busiest = { one: 0, other: 0 }
      const both = Promise.withResolvers<void>()
      async function consume(through: Queue, who: 'one' | 'other', atOnce: number) {
        let now = 0
        await through.consume(order, {
          atOnce,
          handle: async ({ body }) => {
            busiest[who] = Math.max(busiest[who], ++now)
            if (busiest.one > 0 && busiest.other > 0) both.resolve()
            await both.promise
            seen.push(body)
            now -= 1
          },
        })
      }
      await consume(queue, 'one', 3)
      await consume(openAnother(), 'other', 1)
      await queue.publish(exchange, messages(...bodies))
      await expect.poll(() => seen.length).toBe(40)
      expect(new Set(seen)).toEqual(new Set(bodies))
      expect(busiest.other).toBe(1)
      expect(busiest.one).toBeLessThanOrEqual(3)
    })

    test('a closed consumer finishes what it handles and takes no more', async ({ onTestFinished }) => {
      const { queue, exchange, name } = await openUnderTest(onTestFinished)
      const order = { name, exchange, keys: ['#'] }
      const begun = Promise.withResolvers<void>()
      const gate = Promise.withResolvers<void>()
      const handled: unknown[] = []
      const consumer = await queue.consume(order, {
        handle: async ({ body }) => {
          begun.resolve()
          await gate.promise
          handled.push(body)
        },
      })
      await queue.publish(exchange, messages('first', 'second'))
      await begun.promise
      const closed = consumer.close()
      gate.resolve()
      await closed
      expect(handled).toEqual(['first'])
      await (await gather(queue, order)).come(['second'])
    })

    test('what waits can be thrown away', async ({ onTestFinished }) => {
      const { queue, exchange, name } = await openUnderTest(onTestFinished)
      const order = { name, exchange, keys: ['#'] }
      await queue.declare(order)
      await queue.publish(exchange, messages(1, 2, 3))
      expect(await queue.purge(name)).toBe(3)
      await queue.publish(exchange, messages(4))
      await (await gather(queue, order)).come([4])
    })

    test('publishing fails while the broker is away and works afterwards; consumers come back by themselves', async ({
      onTestFinished,
    }) => {
      const { queue, interrupt, exchange, name } = await openUnderTest(onTestFinished)
      const { bodies } = await gather(queue, { name, exchange, keys: ['#'] })
      await queue.publish(exchange, messages('before'))
      await expect.poll(bodies).toContain('before')
      const restore = await interrupt()
      await expect(queue.publish(exchange, messages('meanwhile'))).rejects.toThrow()
      await restore()
      const publishAgain = async () => queue.publish(exchange, messages('after'))
      await expect.poll(() => publishAgain().then(() => 'published', String)).toBe('published')
      await expect.poll(bodies).toContain('after')
    })
  })
}
