// Takes messages to those who want them, as AMQP does: published to an exchange with a routing key, copied into every
// queue that is bound to it by a matching key, handed to one of the queue's consumers, and kept until that one is done.

export { QueueUnavailable } from './errors.ts'
export { openQueue } from './open.ts'
export { openPostgres, type PostgresQueueOptions } from './postgres.ts'
export { openRabbitmq, type RabbitmqOptions } from './rabbitmq.ts'
export { obsoleteSettings, type QueueSettings, queueSettings } from './settings.ts'
export { openSimulated, type SimulatedQueue } from './simulated.ts'

export interface Message {
  /** Words parted by dots, such as pithos.object. */
  key: string
  /** Travels as JSON. */
  body: unknown
}

export interface Delivery extends Message {
  /** Somebody was given it before, and did not finish or was cut off. */
  redelivered: boolean
}

/** A queue, made when it is not there. What is published before that, it does not get. */
export interface QueueOrder {
  name: string
  /** Empty: bound to nothing; only what is sent to it by name arrives. */
  exchange: string
  /** Routing keys; in them `*` is any one word, and `#` any words. */
  keys: readonly string[]
  /** A queue for a moment: it goes when nobody consumed it for so long, and what fails there is dropped. Otherwise it stays. */
  expiresAfterSeconds?: number
}

export interface Consuming {
  /** Messages being handled at the same time, at most. With one, they are handled in the order in which they were published. */
  atOnce?: number
  /** Done when it answers. When it throws, the message goes to the queue's dead letters (`<name>-dl`). The same message may come again: after a crash, or when the line was cut. */
  handle(delivery: Delivery): Promise<void>
}

export interface Consumer {
  /** Takes no more, and waits for what is being handled at most `graceMillis`; what is not done by then comes to somebody else. */
  close(graceMillis?: number): Promise<void>
}

export interface Queue {
  /**
   * Answers when all are in safe hands, in this order, in every queue that gets them; a key that no queue is bound to is
   * no error. After a failure some may have gone out: publishing again is right, and whoever receives must bear it.
   * The empty exchange hands a message to the queue that its key names.
   */
  publish(exchange: string, messages: readonly Message[]): Promise<void>
  /** Makes the queue with its dead letters, so that it gathers messages. */
  declare(order: QueueOrder): Promise<void>
  /** Makes the queue and handles what comes into it; connects again by itself. Answers once it listens, however long that takes. */
  consume(order: QueueOrder, consuming: Consuming): Promise<Consumer>
  /** Throws away what waits in a queue, and answers how much that was. */
  purge(name: string): Promise<number>
  /** Closes all consumers too. */
  close(graceMillis?: number): Promise<void>
}
