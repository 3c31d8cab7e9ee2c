// What is told about one change: up to three messages, in the shape that consumers of the original know.
import { createHash } from 'node:crypto'
import type { EventRow } from '../store/events.ts'

export interface EventMessage {
  key: 'pithos.object' | 'pithos.sharing' | 'pithos.resource.diskspace'
  body: {
    /** The same when it is told again. */
    id: string
    eventVersion: '1.0'
    occurredMillis: number
    receivedMillis: number
    clientID: 'pithos'
    instanceID: '1'
    userID: string
    resource: 'object' | 'sharing' | 'diskspace'
    value: string | bigint
    details: Record<string, unknown>
  }
}

export function messagesOf(event: EventRow, now: Date): EventMessage[] {
  const { path, action, objectAction, versions, bytes, members, total } = event
  const message = (key: EventMessage['key'], value: string | bigint, details: Record<string, unknown>): EventMessage => ({
    key,
    body: {
      id: createHash('sha1').update(`${key}/${event.id}/${event.occurredAt.toISOString()}/${event.path}`).digest('hex'),
      eventVersion: '1.0',
      occurredMillis: event.occurredAt.getTime(),
      receivedMillis: now.getTime(),
      clientID: 'pithos',
      instanceID: '1',
      userID: event.account,
      resource: key.split('.').at(-1) as EventMessage['body']['resource'],
      value,
      details: { ...details, user: event.userId },
    },
  })
  const version = objectAction === 'object update' ? { version: versions[0] } : {}
  return [
    ...(bytes === 0n ? [] : [message('pithos.resource.diskspace', bytes, { action, path, versions: versions.join(','), total })]),
    ...(members ? [message('pithos.sharing', path, { members })] : []),
    ...(objectAction ? [message('pithos.object', path, { action: objectAction, ...version })] : []),
  ]
}
