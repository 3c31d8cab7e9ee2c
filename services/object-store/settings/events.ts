import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const eventSettings = defineSettings({
  PITHOS_EVENTS: setting(Type.Boolean(), {
    default: false,
    help: 'Publish what happens to objects (changes, deletions, sharing, disk space) to the queue; see AMQP_HOSTS.',
  }),
  PITHOS_EVENTS_EXCHANGE: setting(Type.String({ minLength: 1, maxLength: 127 }), {
    default: 'pithos',
    help: 'Topic exchange to which events of the object store are published.',
  }),
})
