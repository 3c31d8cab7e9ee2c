import type { Log } from '@synnefo/lib/log'
import type { Db } from '@synnefo/lib/sql'
import type { Queue } from './index.ts'
import { openPostgres } from './postgres.ts'
import { openRabbitmq } from './rabbitmq.ts'
import type { QueueSettings } from './settings.ts'

/** The schema of messages that go through the database of the cloud. */
const SCHEMA = 'queue'

/** The queue of this cloud. Connects when it is used. */
export function openQueue({ AMQP_HOSTS, SYNNEFO_QUEUE_DAYS }: QueueSettings, { db, log }: { db: Db; log: Log }): Queue {
  return AMQP_HOSTS.length > 0
    ? openRabbitmq({ urls: AMQP_HOSTS, log })
    : openPostgres({ db, schema: SCHEMA, log, retentionDays: SYNNEFO_QUEUE_DAYS })
}
