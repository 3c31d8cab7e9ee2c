import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

export const queueSettings = defineSettings({
  AMQP_HOSTS: setting(Type.Array(Type.String({ pattern: '^amqps?://[^/]+' })), {
    default: [],
    help: 'RabbitMQ brokers of one cluster, such as ["amqp://username:password@host:5672"]; any of them is used. Without one, messages go through the database.',
  }),
  SYNNEFO_QUEUE_DAYS: setting(Type.Number({ exclusiveMinimum: 0 }), {
    default: 14,
    help: 'Days for which messages that nobody fetches are kept in the database.',
  }),
})

/** The program library of older releases. */
export const obsoleteSettings: readonly string[] = ['AMQP_BACKEND']

export type QueueSettings = SettingsOf<typeof queueSettings>
